package video

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
)

// frame is one decoded picture.
type frame struct {
	pix           []byte // (height, width, 3) RGB; borrowed, valid until the next frame
	width, height int
}

// builder resizes the frames of a plan as they come, so that no decoder ever
// holds more than one of them, and gathers what is known about the file.
type builder struct {
	options Options // filled
	digest  bool    // keep the MD5 of every frame, for Inspect

	clip    Clip
	md5     []string // one a slot; with digest
	resizer *resizer

	codec         string
	width, height int // upright
	packets       int
	frames        int
	seconds       float64 // that all frames last
}

// begin starts the clip of p anew.
func (b *builder) begin(p plan) {
	n := len(p.indices)
	side := b.options.Size
	b.clip.Frames, b.clip.Valid, b.clip.Size = b.options.Frames, n, side
	b.clip.Indices = p.indices
	b.clip.Pix = slices.Grow(b.clip.Pix[:0], n*side*side*3)[:n*side*side*3]
	b.md5 = make([]string, n)
}

// put fills the slots of frame number index.
func (b *builder) put(index int, f frame) {
	if b.resizer == nil || b.resizer.width != f.width || b.resizer.height != f.height {
		b.resizer = newResizer(b.options.Recipe, f.width, f.height, b.options.Size)
	}
	b.width, b.height = f.width, f.height
	b.clip.Aspect = float64(f.width) / float64(f.height)
	slot := slices.Index(b.clip.Indices, index)
	b.resizer.frame(b.slot(slot), f.pix)
	if b.digest {
		sum := md5.Sum(f.pix)
		b.md5[slot] = hex.EncodeToString(sum[:])
	}
	// A short clip shows one frame in several slots.
	for next := slot + 1; next < len(b.clip.Indices) && b.clip.Indices[next] == index; next++ {
		copy(b.slot(next), b.slot(slot))
		b.md5[next] = b.md5[slot]
	}
}

// slot is the memory of one frame of the clip.
func (b *builder) slot(i int) []byte {
	n := b.clip.Size * b.clip.Size * 3
	return b.clip.Pix[i*n : (i+1)*n]
}

func (b *builder) warn(text ...string) { b.clip.Warnings = append(b.clip.Warnings, text...) }
