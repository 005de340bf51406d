package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"framepilot/internal/words"
)

const (
	maxPackets = 8 << 20 // 38 hours at 60 frames a second
	maxStreams = 64
	maxPixels  = 1 << 26 // 8192 × 8192
	maxAlloc   = 1 << 30 // bytes of one block inside ffmpeg
)

// formats are the containers ffmpeg may open. Not on it is everything that
// opens other files or the network (playlists: hls, dash, concat, sdp) and
// everything that is no recording. A protocol whitelist alone does not stop a
// playlist named .mp4 from playing another local file.
const formats = "mov,matroska,webm,avi,mpegts,mpeg,flv,asf,gif,ogg,h264,hevc,mpegvideo,m4v,mjpeg,ivf,dhav,mxf,rm,wtv"

// fence is what both programs are told before they see a file.
func fence() []string {
	return []string{"-v", "repeat+error", "-hide_banner", "-protocol_whitelist", "file", "-format_whitelist", formats,
		"-max_alloc", fmt.Sprint(maxAlloc), "-max_streams", fmt.Sprint(maxStreams), "-max_pixels", fmt.Sprint(maxPixels), "-threads", "1"}
}

// fileURL names a file so that nothing in its name is understood as an
// option, a protocol or a pattern.
func fileURL(path string) (string, error) {
	abs, err := filepath.Abs(path)
	return "file:" + abs, err
}

// rawStreams are the demuxers to try on files that carry a coded stream
// without a container, as some recorders write them.
var rawStreams = map[string][]string{
	".dav": {"dhav", "h264", "hevc"}, ".264": {"h264"}, ".h264": {"h264"},
	".265": {"hevc"}, ".h265": {"hevc"}, ".hevc": {"hevc"}, ".mjpeg": {"mjpeg"}, ".mjpg": {"mjpeg"},
}

// probe asks ffprobe for the streams of a file and the list of their packets.
// This reads the whole file but decodes next to nothing.
func (d *Decoder) probe(ctx context.Context, path string, o Options) (*probed, error) {
	program, err := d.find()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, &Error{Class: Unreadable, Err: err}
	}
	key := probeKey{path, info.Size(), info.ModTime().UnixNano(), o.FrameRate}
	if p := d.probes.get(key); p != nil {
		return p, nil
	}
	timeout := o.Timeout
	if timeout == 0 {
		timeout = min(30*time.Second+time.Duration(info.Size()/10e6)*time.Second, time.Hour)
	}
	p, err := runProbe(ctx, program, path, timeout, nil)
	if err != nil {
		first := err
		for _, format := range rawStreams[strings.ToLower(filepath.Ext(path))] {
			forced := []string{"-f", format}
			if format != "dhav" {
				forced = append(forced, "-framerate", fmt.Sprint(o.FrameRate))
			}
			if p, err = runProbe(ctx, program, path, timeout, forced); err == nil && len(p.streams) > 0 && p.streams[0].Width > 0 {
				break
			}
			p, err = nil, first
		}
	}
	if err != nil {
		return nil, err
	}
	d.probes.put(key, p)
	return p, nil
}

func runProbe(ctx context.Context, program program, path string, timeout time.Duration, forced []string) (*probed, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	p := &probed{forced: forced}
	args := append(fence(), forced...)
	args = append(args, "-select_streams", "v", "-show_entries",
		"format=format_name,start_time:"+
			"stream=index,codec_name,width,height,color_transfer,field_order,avg_frame_rate,time_base,bit_rate:"+
			"stream_disposition=default,attached_pic:stream_side_data=rotation:packet=stream_index,pts,flags",
		"-of", "json=compact=1", url)
	var broken error // bad JSON, which matters only where ffprobe thinks it did well
	out, err := command{program: program.ffprobe, args: args, timeout: timeout, stdout: func(r io.Reader) error {
		broken = parseProbe(r, p)
		if errors.Is(broken, errTooManyPackets) {
			return broken
		}
		_, err := io.Copy(io.Discard, r)
		return err
	}}.run(ctx)
	switch {
	case errors.Is(err, errTimeout):
		return nil, &Error{Class: DecodeTimeout, Detail: words.Say("ffprobe gave no answer in %v", timeout)}
	case errors.Is(err, errTooManyPackets):
		return nil, &Error{Class: ResourceLimit, Err: err}
	case err != nil:
		return nil, err
	case out.exit != 0 || strings.Contains(out.messages, tooManyPixels):
		return nil, probeFailure(path, out)
	case broken != nil:
		return nil, &Error{Class: NoDecoder, Detail: words.Say("%s does not answer as ffprobe does", program.ffprobe), Hint: installHint(), Err: broken}
	}
	return p, nil
}

const tooManyPixels = "exceeds specified max pixel count"

var blocked = regexp.MustCompile(`\[(\w+)\] Format not on whitelist`)

// sounds are demuxers of files that hold no pictures at all.
var sounds = []string{"aac", "ac3", "aiff", "amr", "ape", "caf", "dts", "eac3", "flac", "mp3", "w64", "wav", "wv"}

// probeFailure makes a class of what ffprobe complained about.
func probeFailure(path string, out outcome) *Error {
	e := &Error{Class: NotMedia, Detail: words.Say("no video that ffmpeg knows")}
	if out.messages != "" {
		e.Err = errors.New(out.messages)
	}
	if m := blocked.FindStringSubmatch(out.messages); m != nil {
		switch demuxer := m[1]; {
		case slices.Contains(sounds, demuxer):
			e.Class, e.Detail, e.Err = NoVideoStream, words.Say("a %s file: sound only", demuxer), nil
		case strings.HasSuffix(demuxer, "_pipe"), demuxer == "image2", demuxer == "tty":
			e.Detail, e.Err = words.Say("no video but %s", demuxer), nil
		default:
			e.Class, e.Detail, e.Err = BlockedFormat, words.Say("format %s is not one that is opened", demuxer), nil
			e.Hint = words.Say("convert it to MP4 or MKV if it is a recording")
		}
		return e
	}
	head, _ := readHead(path)
	switch {
	case strings.Contains(out.messages, tooManyPixels):
		e.Class, e.Detail = SizeLimit, words.Say("pictures of more than %d pixels", maxPixels)
	case strings.Contains(out.messages, "Permission denied"),
		strings.Contains(out.messages, "Input/output error") && !strings.Contains(out.messages, "ended prematurely"):
		e.Class, e.Detail = Unreadable, words.Say("ffmpeg could not read the file")
	case strings.Contains(out.messages, "Cannot allocate memory"), out.exit == -1:
		e.Class, e.Detail = ResourceLimit, words.Say("ffprobe gave up (%s)", out.signal)
	case isContainer(head):
		e.Class, e.Detail = TruncatedHeader, words.Say("the container's index is missing or broken")
	}
	return e
}
