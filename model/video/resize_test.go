package video

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"framepilot/model/backend"
)

// goldenPicture reads a golden PNG as a frame.
func goldenPicture(t testing.TB, name string) frame {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(golden(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	return rgb(img)
}

// resize makes one frame.
func resize(r Recipe, rgb []byte, width, height, size int) []byte {
	out := make([]byte, size*size*3)
	newResizer(r, width, height, size).frame(out, rgb)
	return out
}

func TestResizeGolden(t *testing.T) {
	var manifest struct {
		Cases []struct {
			Name    string
			EvalU8  string `json:"eval_u8_sha256"`
			FeatU8  string `json:"feat_u8_sha256"`
			EvalF32 string `json:"eval_f32_chw_sha256"`
			FeatF32 string `json:"feat_f32_chw_sha256"`
		}
	}
	if err := json.Unmarshal(golden(t, "manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest.Cases) != 12 {
		t.Fatalf("%d cases in the manifest", len(manifest.Cases))
	}
	for _, c := range manifest.Cases {
		in := goldenPicture(t, c.Name+".png")
		for _, r := range []struct {
			recipe           Recipe
			suffix, u8, f32s string
		}{{Eval, ".eval.png", c.EvalU8, c.EvalF32}, {Features, ".feat.png", c.FeatU8, c.FeatF32}} {
			got := resize(r.recipe, in.pix, in.width, in.height, 224)
			want := goldenPicture(t, c.Name+r.suffix).pix
			if at := firstDifference(got, want); at >= 0 {
				t.Errorf("%s %s: pixel (%d, %d) channel %d: got %d, want %d", c.Name, r.recipe, at/3%224, at/3/224, at%3, got[at], want[at])
				continue
			}
			if sha(got) != r.u8 {
				t.Errorf("%s %s: equals its PNG but not its hash", c.Name, r.recipe)
			}
			if sha(normalised(got)) != r.f32s {
				t.Errorf("%s %s: the normalised tensor differs", c.Name, r.recipe)
			}
		}
	}
}

// normalised is one frame as the model is given it: float32, (3, 224, 224).
func normalised(pix []byte) []byte {
	table := backend.Patches{Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}.NormTable()
	var out []byte
	for c := range 3 {
		for i := c; i < len(pix); i += 3 {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(table[c][pix[i]]))
		}
	}
	return out
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func firstDifference(a, b []byte) int {
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}

func TestEvalGeometryGolden(t *testing.T) {
	// The keys hold commas, which struct tags can't.
	var sizes map[string]json.RawMessage
	if err := json.Unmarshal(golden(t, "sizes.json"), &sizes); err != nil {
		t.Fatal(err)
	}
	var crops [][6]int
	var positions [][5]int
	if err := errors.Join(
		json.Unmarshal(sizes["eval_size_and_crop [w,h,resized_w,resized_h,crop_x,crop_y]"], &crops),
		json.Unmarshal(sizes["nearest_accumulate_vs_multiply [n_in,n_out,first_k,pillow_index,index_if_multiplied]"], &positions),
	); err != nil {
		t.Fatal(err)
	}
	for _, c := range crops {
		w, h := evalSize(c[0], c[1], 224)
		if got := [4]int{w, h, cropOffset(w, 224), cropOffset(h, 224)}; got != [4]int(c[2:]) {
			t.Errorf("%d×%d: got %v, want %v", c[0], c[1], got, c[2:])
		}
	}
	for _, c := range positions {
		if got := nearest(c[0], c[1], c[2], 1)[0]; got != c[3] {
			t.Errorf("pixel %d of %d made from %d: got %d, want %d", c[2], c[1], c[0], got, c[3])
		}
	}
}

// Any size goes in and any comes out, without a source pixel out of range.
func TestResizeSizes(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		w, h, size := 1+rng.IntN(90), 1+rng.IntN(90), 1+rng.IntN(70)
		rgb := bytes.Repeat([]byte{10, 20, 30}, w*h)
		for _, r := range []Recipe{Eval, Features} {
			if got := resize(r, rgb, w, h, size); !bytes.Equal(got, bytes.Repeat([]byte{10, 20, 30}, size*size)) {
				t.Fatalf("%s: %d×%d to %d: a plain frame is not plain any more", r, w, h, size)
			}
		}
	}
}

func BenchmarkResize(b *testing.B) {
	for _, size := range [][2]int{{320, 240}, {1280, 720}, {1920, 1080}} {
		rgb := make([]byte, size[0]*size[1]*3)
		for i := range rgb {
			rgb[i] = byte(i * 7)
		}
		for _, r := range []Recipe{Eval, Features} {
			b.Run(fmt.Sprintf("%s/%dx%d", r, size[0], size[1]), func(b *testing.B) {
				z := newResizer(r, size[0], size[1], 224)
				out := make([]byte, 224*224*3)
				b.SetBytes(int64(len(rgb)))
				for b.Loop() {
					z.frame(out, rgb)
				}
			})
		}
	}
}
