package video

import (
	"fmt"
	"slices"

	"framepilot/internal/words"
)

// FrameIndices returns the frames a recipe takes from n: at most `frames`
// numbers in 0..n-1 for Eval, exactly `frames` (repeating where n is small)
// for Features, none where n is 0.
//
// The published code computes both with numpy floats; integer division gives
// the same numbers for every n that fits a video.
func FrameIndices(r Recipe, n, frames int) []int {
	if n <= 0 || frames <= 0 {
		return nil
	}
	if r == Features {
		return linspace(n, frames)
	}
	return midpoints(n, min(frames, n))
}

// midpoints takes the middle frame of each of m equal intervals of n frames
// (TVTSv2 sample_frames, test split).
func midpoints(n, m int) []int {
	out := make([]int, m)
	for i := range out {
		first, next := i*n/m, (i+1)*n/m
		out[i] = (first + next - 1) / 2
	}
	return out
}

// linspace takes m frames from the first of n to the last, truncated
// (TVTSv2 feature_extraction: np.linspace(0, n-1, m).astype(int)).
func linspace(n, m int) []int {
	out := make([]int, m)
	for i := 1; i < m; i++ {
		out[i] = i * (n - 1) / (m - 1)
	}
	return out
}

// plan is the choice of frames in a file of known times.
type plan struct {
	indices  []int // frame numbers in the whole file, one a slot, never falling
	warnings []string
}

// unique returns the frames to decode: the indices without repeats.
func (p plan) unique() []int { return slices.Compact(slices.Clone(p.indices)) }

// makePlan chooses frames among those whose time lies in the window of o.
// times holds the presentation time of every frame in seconds after the first.
func makePlan(times []float64, o Options) (plan, error) {
	var p plan
	if o.whole() {
		p.indices = FrameIndices(o.Recipe, len(times), o.Frames)
		return p, nil
	}
	first, last := windowOf(times, o)
	if first == last {
		return p, &Error{Class: EmptyWindow,
			Detail: words.Say("no frame in [%g s, %s), the video lasts %.3f s", o.Start, endText(o.End), duration(times))}
	}
	if d := duration(times); o.End > d+slack {
		p.warnings = append(p.warnings, fmt.Sprintf("window ends at %g s, the video at %.3f s: cut there", o.End, d))
	}
	p.indices = FrameIndices(o.Recipe, last-first, o.Frames)
	for i := range p.indices {
		p.indices[i] += first
	}
	return p, nil
}

// slack forgives what a decimal second loses against a stream's clock.
const slack = 1e-6

// windowOf returns the frames [first, last) of the window.
func windowOf(times []float64, o Options) (first, last int) {
	for first < len(times) && times[first] < o.Start-slack {
		first++
	}
	if o.End == 0 {
		return first, len(times)
	}
	for last = first; last < len(times) && times[last] < o.End-slack; {
		last++
	}
	return first, last
}

// duration is the time of the last frame plus one mean interval.
func duration(times []float64) float64 {
	n := len(times)
	switch n {
	case 0:
		return 0
	case 1:
		return times[0]
	}
	return times[n-1] + (times[n-1]-times[0])/float64(n-1)
}

func endText(end float64) string {
	if end == 0 {
		return "end"
	}
	return fmt.Sprintf("%g s", end)
}
