package video

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
)

// The real clips decode to what independent code made of them: exactly on
// x86-64, within 3 levels where the scaler has other code.
func TestReference(t *testing.T) {
	d := needFFmpeg(t)
	type expected struct {
		Indices []int
		MD5     []string `json:"frame_md5"`
		SHA     string   `json:"clip_sha256"`
		Sample  string
	}
	var reference struct {
		Files map[string]struct {
			Width, Height, Packets, Frames int
			Eval, Features                 expected
		}
	}
	folder := filepath.Join("..", "..", "testdata", "videos")
	if err := json.Unmarshal(read(t, filepath.Join(folder, "reference.json")), &reference); err != nil {
		t.Fatal(err)
	}
	if len(reference.Files) != 6 {
		t.Fatalf("%d files in reference.json", len(reference.Files))
	}
	for name, file := range reference.Files {
		for recipe, want := range map[Recipe]expected{Eval: file.Eval, Features: file.Features} {
			t.Run(name+"/"+string(recipe), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(folder, name)
				o := Options{Recipe: recipe, Timeout: unhurried}
				b, err := d.read(context.Background(), path, o, true)
				if err != nil {
					t.Fatal(err)
				}
				in := b.inspection(path)
				if got, want := [4]int{in.Width, in.Height, in.Packets, in.Frames}, [4]int{file.Width, file.Height, file.Packets, file.Frames}; got != want {
					t.Errorf("width, height, packets, frames: got %v, want %v", got, want)
				}
				if !reflect.DeepEqual(in.Indices, want.Indices) {
					t.Fatalf("frames %v, want %v", in.Indices, want.Indices)
				}
				if damaged := name == "corrupted.mp4"; in.OfficialEquivalent == damaged || damaged && in.Reason != ReasonDamage {
					t.Errorf("equivalent %v, reason %q", in.OfficialEquivalent, in.Reason)
				}
				if runtime.GOARCH == "amd64" {
					if !reflect.DeepEqual(in.FrameMD5, want.MD5) {
						t.Errorf("frames differ: %v, want %v", in.FrameMD5, want.MD5)
					}
					if in.ClipSHA256 != want.SHA {
						t.Errorf("clip differs: %s, want %s", in.ClipSHA256, want.SHA)
					}
				}
				checkSample(t, b.clip.Pix, want.Sample)
			})
		}
	}
}

// checkSample compares every 1999th byte of a clip.
func checkSample(t *testing.T, pix []byte, sample string) {
	t.Helper()
	want, err := base64.StdEncoding.DecodeString(sample)
	if err != nil {
		t.Fatal(err)
	}
	if n := (len(pix) + 1998) / 1999; n != len(want) {
		t.Fatalf("clip has %d samples, want %d", n, len(want))
	}
	for i, w := range want {
		if got := pix[i*1999]; max(got, w)-min(got, w) > 3 {
			t.Errorf("byte %d: got %d, want %d ± 3", i*1999, got, w)
		}
	}
}

// A clip decoded many times at once is always the same clip.
func TestConcurrentReadsAgree(t *testing.T) {
	d := needFFmpeg(t)
	path := filepath.Join("..", "..", "testdata", "videos", "rot90_phone.mov")
	clips := make(chan *Clip)
	for range 6 {
		go func() {
			c, err := d.Read(context.Background(), path, Options{Timeout: unhurried})
			if err != nil {
				t.Error(err)
			}
			clips <- c
		}()
	}
	first := <-clips
	for range 5 {
		if c := <-clips; !reflect.DeepEqual(c, first) {
			t.Error("two readings differ")
		}
	}
}
