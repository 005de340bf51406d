package demo

import (
	"bytes"
	"image/gif"
	"math"
	"math/rand/v2"
	"testing"
)

// decode plays a GIF back as (frames, size, size, 3) RGB.
func decode(t *testing.T, file []byte) []uint8 {
	t.Helper()
	g, err := gif.DecodeAll(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != Frames || g.Config.Width != Size || g.Config.Height != Size {
		t.Fatalf("%d frames of %d × %d, want %d of %d × %d", len(g.Image), g.Config.Width, g.Config.Height, Frames, Size, Size)
	}
	var pix []uint8
	for _, frame := range g.Image {
		for _, i := range frame.Pix {
			r, g, b, _ := frame.Palette[i].RGBA()
			pix = append(pix, uint8(r>>8), uint8(g>>8), uint8(b>>8))
		}
	}
	return pix
}

// 256 colours a clip cost less than the sensor's noise, and no mean colour
// moves: that of the part, where it is strongest, included.
func TestGIFError(t *testing.T) {
	rng := newRand()
	for range 20 {
		s := anyScene(rng)
		for _, site := range []Site{Day, Night} {
			pix := s.Render(site, Frames, Size, rand.New(rand.NewPCG(3, 4)))
			file, err := encodeGIF(pix, Frames, Size)
			if err != nil {
				t.Fatal(err)
			}
			back := decode(t, file)
			var off, bias float64
			for i := range pix {
				d := float64(back[i]) - float64(pix[i])
				off += math.Abs(d)
				bias += d
			}
			off, bias = off/float64(len(pix)), bias/float64(len(pix))
			_, noise := s.camera(site, 0)
			if limit := 1 + .4*255*noise; off > limit || math.Abs(bias) > .5 {
				t.Errorf("%s, %s: mean error %.2f levels a channel, want at most %.2f; bias %.2f", s.Caption(), site, off, limit, bias)
			}
		}
	}
}

func TestQuantiseFewColours(t *testing.T) {
	pix := []uint8{1, 2, 3, 250, 9, 9, 1, 2, 3, 1, 2, 4, 250, 9, 9}
	palette, index := quantise(pix, 256)
	if len(palette) != 3 {
		t.Fatalf("%d colours, want 3", len(palette))
	}
	for i, c := range index {
		r, g, b, _ := palette[c].RGBA()
		if got := [3]uint8{uint8(r), uint8(g), uint8(b)}; got != [3]uint8(pix[3*i:]) {
			t.Errorf("pixel %d is %v, want %v", i, got, pix[3*i:3*i+3])
		}
	}
}

func BenchmarkEncodeGIF(b *testing.B) {
	rng := newRand()
	pix := anyScene(rng).Render(Day, Frames, Size, rng)
	for b.Loop() {
		if _, err := encodeGIF(pix, Frames, Size); err != nil {
			b.Fatal(err)
		}
	}
}
