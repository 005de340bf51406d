package video

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"framepilot/internal/needed"
)

// unhurried is the limit of a decoder where its speed is no matter of the test:
// a busy machine keeps one of tiny clips waiting for longer than the default.
const unhurried = time.Hour

// needFFmpeg skips the test where there is no ffmpeg, visibly, or fails it
// where FRAMEPILOT_REQUIRE says that this machine must have one.
func needFFmpeg(t testing.TB) *Decoder {
	t.Helper()
	d := NewDecoder(DecoderOptions{})
	if _, _, err := d.Available(); err != nil {
		needed.Missing(t, "ffmpeg", err)
	}
	return d
}

// generate makes a clip with ffmpeg, in a folder that goes with the test.
// Arguments between the input and the name say how.
func generate(t testing.TB, name string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	ffmpeg(t, append(args, "file:"+path)...)
	return path
}

// source is a moving test picture of n frames at 25 a second.
func source(size, seconds string) []string {
	return []string{"-f", "lavfi", "-i", "testsrc2=rate=25:size=" + size + ":duration=" + seconds}
}

// x264 are the encoder arguments most clips are made with.
var x264 = []string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"}

func ffmpeg(t testing.TB, args ...string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...).CombinedOutput()
	if bytes.Contains(out, []byte("Unknown encoder")) {
		t.Skipf("this ffmpeg can't make the clip: %s", out)
	}
	if err != nil {
		t.Fatalf("ffmpeg %v: %v: %s", args, err, out)
	}
}

// fullDecode is the oracle: every frame of a file, as RGB, by the plainest
// ffmpeg command there is.
func fullDecode(t testing.TB, path string) []byte {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "quiet", "-nostdin", "-threads", "1", "-i", "file:"+path, "-map", "0:v:0",
		"-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("ffmpeg decodes nothing of %s: %v", path, err)
	}
	return out
}

// sums is the MD5 of each frame of width × height.
func sums(frames []byte, width, height int) []string {
	var list []string
	for f := range slices.Chunk(frames, width*height*3) {
		sum := md5.Sum(f)
		list = append(list, hex.EncodeToString(sum[:]))
	}
	return list
}

// checkAgainst compares an inspection with the frames of a full decode, of
// which it should have sampled first..last-1.
func checkAgainst(t testing.TB, in Inspection, o Options, full []byte, first, last int) {
	t.Helper()
	if in.Error != nil {
		t.Fatalf("%+v: %s (%s)", o, in.Error.Message, in.Error.Class)
	}
	all := sums(full, in.Width, in.Height)
	if last < 0 {
		last = len(all)
		if in.Frames != len(all) {
			t.Errorf("%+v: %d frames, a full decode has %d", o, in.Frames, len(all))
		}
	}
	o, err := o.filled()
	if err != nil {
		t.Fatal(err)
	}
	want := FrameIndices(o.Recipe, last-first, o.Frames)
	for i := range want {
		want[i] += first
	}
	if !reflect.DeepEqual(in.Indices, want) {
		t.Fatalf("%+v: frames %v, want %v", o, in.Indices, want)
	}
	for i, index := range in.Indices {
		if in.FrameMD5[i] != all[index] {
			t.Errorf("%+v: frame %d is the full decode's frame %d", o, index, slices.Index(all, in.FrameMD5[i]))
		}
	}
}

// checkFullDecode inspects a file against a full decode. It samples as
// Features does, from the very first frame to the very last.
func checkFullDecode(t testing.TB, d *Decoder, path string, o Options) Inspection {
	t.Helper()
	o.Recipe, o.Timeout = Features, unhurried
	in := d.Inspect(context.Background(), path, o)
	checkAgainst(t, in, o, fullDecode(t, path), 0, -1)
	return in
}

// write puts bytes into a file that goes with the test.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
