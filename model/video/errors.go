package video

import (
	"errors"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Class says, for a machine, why a clip could not be read.
type Class string

// The classes.
const (
	NotFound           Class = "not_found"
	Unreadable         Class = "unreadable"           // no permission, a device, a FIFO, a failing disk
	NotMedia           Class = "not_media"            // empty, text, a single picture, an unknown format
	NoVideoStream      Class = "no_video_stream"      // sound only
	UnsupportedCodec   Class = "unsupported_codec"    // this ffmpeg can't decode it
	BlockedFormat      Class = "blocked_format"       // a playlist or another format that opens other files
	TruncatedHeader    Class = "truncated_header"     // a container whose index is missing or broken
	ZeroFrames         Class = "zero_frames"          // nothing decodes
	TooFewDecodable    Class = "too_few_decodable"    // less decodes than Options.MinDecodable
	DecodeTimeout      Class = "decode_timeout"       // killed after Options.Timeout
	ResourceLimit      Class = "resource_limit"       // too many packets, a flood of output, killed by the system
	SizeLimit          Class = "size_limit"           // pictures too large
	EmptyWindow        Class = "empty_window"         // no frame between start and end
	ImageSequenceMixed Class = "image_sequence_mixed" // a folder of pictures of different sizes
	NoDecoder          Class = "no_decoder"           // ffmpeg is missing, too old, or not ffmpeg
)

// hints is the way out of each class, where the error itself knows no better.
var hints = map[Class]words.Sentence{
	NotFound:           words.Say("check the path, and that the disk or share is mounted"),
	Unreadable:         words.Say("check the permissions; only regular files and folders are read"),
	NotMedia:           words.Say("check that the download is complete and that it is a video"),
	NoVideoStream:      words.Say("leave it out: it has sound only"),
	UnsupportedCodec:   words.Say("convert it (ffmpeg -i IN -c:v libx264 -crf 12 OUT.mp4), or use a fuller build of ffmpeg"),
	BlockedFormat:      words.Say("give the video files themselves, not a list of them"),
	TruncatedHeader:    words.Say("copy or download it again; an interrupted recording may be repaired with untrunc"),
	ZeroFrames:         words.Say("leave it out, or copy it again from the recorder"),
	TooFewDecodable:    words.Say("copy it again from the recorder, or allow more loss"),
	DecodeTimeout:      words.Say("leave it out, or allow more time"),
	ResourceLimit:      words.Say("cut the file into shorter ones, or run fewer workers"),
	SizeLimit:          words.Say("scale it down first (ffmpeg -i IN -vf scale=1920:-2 OUT.mp4)"),
	EmptyWindow:        words.Say("check start and end against the length of the video"),
	ImageSequenceMixed: words.Say("keep one clip of one size in each folder"),
}

// Error is a clip that could not be read. It is a fault as well: errors.As
// finds a *fault.Error of kind fault.Missing for NoDecoder, else fault.Input.
type Error struct {
	Class  Class
	Path   string
	Detail words.Sentence // what was found
	Hint   words.Sentence // the way out; zero means the usual one of the class
	Err    error          // the cause, where there is one
}

func (e *Error) Error() string { return e.Said().String() }

// Said is the error as a sentence.
func (e *Error) Said() words.Sentence {
	if e.Path == "" {
		return words.Say("video: %s (%s)", e.Message(), e.Class)
	}
	return words.Say("video: %s: %s (%s)", e.Path, e.Message(), e.Class)
}

// Message is the error without path and class.
func (e *Error) Message() words.Sentence {
	switch {
	case e.Detail.IsZero() && e.Err == nil:
		return words.Plain(string(e.Class))
	case e.Err == nil:
		return e.Detail
	case e.Detail.IsZero():
		return fault.Said(e.Err)
	}
	return words.Say("%s: %s", e.Detail, fault.Said(e.Err))
}

func (e *Error) hint() words.Sentence {
	if !e.Hint.IsZero() {
		return e.Hint
	}
	return hints[e.Class]
}

// Unwrap makes the error a fault, whose own chain holds Err.
func (e *Error) Unwrap() error {
	kind, err := fault.Input, e.Err
	if e.Class == NoDecoder {
		kind = fault.Missing
	}
	if err == nil {
		err = errors.New(e.Message().String())
	}
	return fault.Say(kind, e.hint(), "%w", err)
}

// The reasons why the published reader would not have given the same frames.
const (
	ReasonTS        = "ts"           // MPEG-TS: decord returns frames of another moment
	ReasonEditList  = "editlist"     // the container hides packets that decord counts
	ReasonNoPTS     = "nopts"        // packets without a presentation time, which decord seeks by
	ReasonDamage    = "damage"       // decord raises, or conceals otherwise
	ReasonMultiSize = "multi-size"   // the picture changes size or format on the way
	ReasonCount     = "count"        // packets that are no frames of their own (hidden VP8 frames, fields)
	ReasonStream    = "stream"       // another stream was asked for than the published reader takes
	ReasonPictures  = "image-folder" // the published reader reads no folders of pictures
)

// OtherFrames says that the published reader would have given other frames, and
// why: one of the Reasons, or what an older program kept as one.
func OtherFrames(reason string) words.Sentence {
	why := words.Plain(reason)
	switch reason {
	case ReasonTS:
		why = words.Say("in an MPEG transport stream it finds frames of another moment")
	case ReasonEditList:
		why = words.Say("it counts packets that the container hides")
	case ReasonNoPTS:
		why = words.Say("packets have no time of their own, by which it seeks")
	case ReasonDamage:
		why = words.Say("it stops at damage, or conceals it otherwise")
	case ReasonMultiSize:
		why = words.Say("the picture changes its size or format on the way")
	case ReasonCount:
		why = words.Say("it takes packets for frames that are none of their own")
	case ReasonStream:
		why = words.Say("it takes another stream of the file")
	case ReasonPictures:
		why = words.Say("it reads no folders of pictures")
	}
	return words.Say("the published reader would have seen other frames: %s", why)
}
