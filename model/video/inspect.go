package video

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// Inspection is what a file is and which frames of it are taken, for people
// and for comparing two machines frame by frame.
type Inspection struct {
	File               string             `json:"file"`
	Codec              string             `json:"codec"`
	Width              int                `json:"width"`  // pixels, after rotation
	Height             int                `json:"height"` // pixels, after rotation
	Packets            int                `json:"packets"`
	Frames             int                `json:"frames"`      // that decode; packets shown, where not the whole file was decoded
	Seconds            float64            `json:"seconds"`     // that they last
	Indices            []int              `json:"indices"`     // frames taken
	FrameMD5           []string           `json:"frame_md5"`   // of each one's RGB bytes before resizing
	ClipSHA256         string             `json:"clip_sha256"` // of the resized clip's bytes
	OfficialEquivalent bool               `json:"official_equivalent"`
	Reason             string             `json:"reason"`
	Warnings           []string           `json:"warnings"`
	Error              *InspectionFailure `json:"error,omitempty"`
}

// InspectionFailure is why a file could not be read.
type InspectionFailure struct {
	Class   Class  `json:"class"` // empty where the file is not to blame (interrupted, bad options)
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Inspect reads the clip at path and tells what it is. A failure is part of
// the answer.
func (d *Decoder) Inspect(ctx context.Context, path string, o Options) Inspection {
	b, err := d.read(ctx, path, o, true)
	if err == nil {
		return b.inspection(path)
	}
	return Inspection{
		File: path, Codec: b.codec, Width: b.width, Height: b.height, Packets: b.packets, Frames: b.frames, Seconds: b.seconds,
		Indices: []int{}, FrameMD5: []string{}, Warnings: append([]string{}, b.clip.Warnings...),
		Error: failure(err),
	}
}

// inspection describes a clip that was read with digests.
func (b *builder) inspection(path string) Inspection {
	sum := sha256.Sum256(b.clip.Pix)
	return Inspection{
		File: path, Codec: b.codec, Width: b.width, Height: b.height, Packets: b.packets, Frames: b.frames, Seconds: b.seconds,
		Indices: b.clip.Indices, FrameMD5: b.md5, ClipSHA256: hex.EncodeToString(sum[:]),
		OfficialEquivalent: b.clip.OfficialEquivalent, Reason: b.clip.Reason, Warnings: append([]string{}, b.clip.Warnings...),
	}
}

func failure(err error) *InspectionFailure {
	var e *Error
	if errors.As(err, &e) {
		return &InspectionFailure{e.Class, e.Message().String(), e.hint().String()}
	}
	return &InspectionFailure{Message: err.Error()}
}
