package video

import (
	"cmp"
	"strconv"
	"time"

	"framepilot/internal/fault"
)

// Clip is a sampled and resized clip, ready for the model.
type Clip struct {
	Pix    []uint8 // (Valid, Size, Size, 3) RGB, frame by frame
	Frames int     // slots the model is given, e.g. 12
	Valid  int     // frames really present; slots Valid..Frames-1 are zero after normalisation
	Size   int     // side of a frame in pixels, e.g. 224

	Aspect float64 // width over height of the picture before it was resized

	Indices            []int    // Valid frame numbers, counted in the whole file
	OfficialEquivalent bool     // the published reader (decord 0.6.0) would have given the same frames
	Reason             string   // why not: reasons joined by ", " (see the Reason constants); empty if equivalent
	Degraded           bool     // damaged file: fewer frames decoded than its packets promised
	Warnings           []string // what a careful person would want to know, one sentence each
}

// Recipe names one of the two published ways to sample and resize a clip.
type Recipe string

// The published recipes. Both give ImageNet-normalised frames; never mix them
// between a gallery and its queries.
const (
	// Eval is what the published zero-shot evaluations do: the middle frame of
	// each of 12 intervals, nearest-neighbour resize of the short side to
	// 1.2 × size, centre crop. A clip shorter than 12 frames keeps its frames
	// and leaves the other slots empty.
	Eval Recipe = "eval"
	// Features is what the published feature extraction does: 12 frames from
	// first to last, antialiased bilinear squash to size × size. The frames of
	// a short clip repeat.
	Features Recipe = "features"
)

// ParseRecipe returns the recipe of that name; the empty name means Eval.
func ParseRecipe(name string) (Recipe, error) {
	switch r := Recipe(name); r {
	case "":
		return Eval, nil
	case Eval, Features:
		return r, nil
	}
	return "", fault.New(fault.Usage, "use eval or features", "video: unknown recipe %q", name)
}

// Options says which frames to take and what to make of them. The zero value
// is the published evaluation: 12 frames of 224 × 224 over the whole file.
type Options struct {
	Recipe Recipe // empty means Eval
	Frames int    // slots of the clip, 1 to 1024; 0 means 12
	Size   int    // side of a frame in pixels, 1 to 4096; 0 means 224

	// The window [Start, End) in seconds after the first frame; End 0 means to
	// the end of the file.
	Start, End float64

	Stream       int           // k takes the k-th video stream, counted from 1; 0 chooses
	MinDecodable float64       // smallest share of the packets that must decode, 0 to 1; 0 means 0.5
	FrameRate    float64       // frames a second of sources without a clock: picture folders, raw H.264; 0 means 25
	Timeout      time.Duration // limit for one run of a decoder; 0 means 30 s + 3 × the time expected
}

// filled returns o with its defaults in place, or what is wrong with it.
func (o Options) filled() (Options, error) {
	recipe, err := ParseRecipe(string(o.Recipe))
	if err != nil {
		return o, err
	}
	o.Recipe = recipe
	o.Frames = cmp.Or(o.Frames, 12)
	o.Size = cmp.Or(o.Size, 224)
	o.MinDecodable = cmp.Or(o.MinDecodable, 0.5)
	o.FrameRate = cmp.Or(o.FrameRate, 25)
	// Written so that NaN fails too.
	for _, c := range []struct {
		name      string
		value     float64
		low, high float64
	}{
		{"frames", float64(o.Frames), 1, 1024},
		{"size", float64(o.Size), 1, 4096},
		{"stream", float64(o.Stream), 0, maxStreams},
		{"min decodable", o.MinDecodable, 0, 1},
		{"frame rate", o.FrameRate, 0.001, 10000},
		{"start", o.Start, 0, maxSeconds},
		{"end", o.End, 0, maxSeconds},
	} {
		if !(c.value >= c.low && c.value <= c.high) {
			return o, fault.New(fault.Usage, "", "video: %s is %s, want %s to %s", c.name, plain(c.value), plain(c.low), plain(c.high))
		}
	}
	return o, nil
}

// plain writes a number as a person would, 1000000 and not 1e+06.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// Check says what is wrong with o, by a fault.Usage; nil where nothing is.
func (o Options) Check() error {
	_, err := o.filled()
	return err
}

// maxSeconds bounds a window; it is thirty years, and far from any overflow.
const maxSeconds = 1e9

// whole reports whether the window is the whole file.
func (o Options) whole() bool { return o.Start == 0 && o.End == 0 }

// limit is the time one decoder may take for that many frames of that many
// pixels, at a pessimistic 50 million pixels a second.
func (o Options) limit(frames, pixels int) time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	expected := time.Duration(float64(frames) * float64(pixels) / 50e6 * float64(time.Second))
	return min(30*time.Second+3*expected, 2*time.Hour)
}
