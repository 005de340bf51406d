package gate

import (
	"math"

	"framepilot/internal/stat"
)

// Confidence is the level at which all agreed looks of a gate hold at once.
const Confidence = 0.95

// Fewer test clips, or fewer recordings, than these never pass a gate,
// however well they went: one unusual day could have made them.
const (
	MinClips      = 20
	MinRecordings = 5
)

// Verdict is what became of a gate.
type Verdict string

// The verdicts.
const (
	Pass      Verdict = "PASS"
	Fail      Verdict = "FAIL"
	Undecided Verdict = "UNDECIDED"
	Blocked   Verdict = "BLOCKED"
)

// Reason says why, for people's sentences to be made of.
type Reason string

// The reasons.
const (
	Met        Reason = "met"        // the deciding end is on the wanted side
	Missed     Reason = "missed"     // it is on the other side
	Open       Reason = "open"       // the interval still holds the threshold
	Thin       Reason = "thin"       // too few clips or recordings to pass
	Unmeasured Reason = "unmeasured" // not checked yet
	Unsigned   Reason = "unsigned"   // waits for a signature
	SignedOff  Reason = "signed"     // a person has signed
)

// Reading is the number a gate is judged by. Low and High are of an interval
// at Confidence and both Value where there is none.
type Reading struct {
	Value      float64 `json:"value"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence,omitempty"`
	Interval   string  `json:"interval,omitempty"` // its kind; "" = none
	Class      string  `json:"class,omitempty"`    // the one the number is of
	Clips      int     `json:"clips,omitempty"`    // test clips behind the number, of that class
	Recordings int     `json:"recordings,omitempty"`
	Candidates int     `json:"candidates,omitempty"` // recipes it was picked from by its result; 1 = it was named before
	Looks      int     `json:"looks,omitempty"`      // readings of the test labels so far, this one included
}

// Level is the confidence of one interval when so many candidates are read on
// so many looks: agreed ones, or as many as there were.
func (c Criterion) Level(candidates, looks int) float64 {
	return stat.Split(Confidence, max(candidates, 1)*max(looks, c.Looks, 1))
}

// Ruling is the verdict on a reading and why.
type Ruling struct {
	Verdict Verdict `json:"verdict"`
	Reason  Reason  `json:"reason"`
	Clips   int     `json:"clips,omitempty"` // more test clips that would settle it if all else stays; 0 = no number would, or none is needed
}

// Judge gives the verdict on a reading of a checked criterion. It is no more
// than a comparison: what costs thought is the interval.
func (c Criterion) Judge(r Reading) Ruling {
	m, err := Find(c.Metric)
	if err != nil {
		panic("gate: judge: " + err.Error()) // Check comes first
	}
	if m.Kind == Signed {
		return Ruling{Verdict: Blocked, Reason: Unsigned}
	}
	// Turn "at most" over, so that more is better below.
	value, low, high, need, by := r.Value, r.Low, r.High, c.Threshold, c.By
	if c.Bound == AtMost {
		value, low, high, need = -value, -high, -low, -need
		by = map[By]By{Lower: Upper, Point: Point, Upper: Lower}[by]
	}
	ruling := Ruling{Verdict: Undecided, Reason: Open}
	switch by {
	case Lower:
		switch {
		case low >= need:
			ruling = Ruling{Verdict: Pass, Reason: Met}
		case high < need:
			ruling = Ruling{Verdict: Fail, Reason: Missed}
		}
	case Point:
		ruling = passIf(value >= need)
	case Upper:
		ruling = passIf(high >= need)
	}
	if m.Kind == Measured {
		return ruling
	}
	if ruling.Verdict == Pass && (r.Clips < MinClips || r.Recordings < MinRecordings) {
		ruling = Ruling{Verdict: Undecided, Reason: Thin}
	}
	if ruling.Verdict == Undecided {
		ruling.Clips = c.moreClips(m, r)
	}
	return ruling
}

func passIf(met bool) Ruling {
	if met {
		return Ruling{Verdict: Pass, Reason: Met}
	}
	return Ruling{Verdict: Fail, Reason: Missed}
}

// maxClips is where a number of clips stops being advice.
const maxClips = 1_000_000

// moreClips is how many more test clips would move the threshold out of the
// interval, if the number stays and clips come in recordings as large as
// before; zero where a million would not, or no formula says.
func (c Criterion) moreClips(m Metric, r Reading) int {
	factor := 1.0
	if c.Threshold > r.Low && c.Threshold < r.High {
		if m.Uncounted() {
			return 0
		}
		factor = c.shrink(m, r)
	}
	if r.Clips > 0 {
		factor = max(factor, float64(MinClips)/float64(r.Clips))
	}
	if r.Recordings > 0 {
		factor = max(factor, float64(MinRecordings)/float64(r.Recordings))
	}
	more := math.Ceil(float64(max(r.Clips, 1)) * (factor - 1))
	if !(more > 0 && more <= maxClips) {
		return 0
	}
	return int(more)
}

// shrink is how many times the data must grow for the threshold to leave the
// interval. A share's interval is Wilson's, of the number of independent clips
// that would make it as wide as it is; other intervals shrink with the root of
// the clips.
func (c Criterion) shrink(m Metric, r Reading) float64 {
	gap := math.Abs(r.Value - c.Threshold)
	if gap == 0 {
		return math.Inf(1)
	}
	if m.Kind != Share {
		reach := r.Value - r.Low
		if r.Value < c.Threshold {
			reach = r.High - r.Value
		}
		return max(1, (reach/gap)*(reach/gap))
	}
	wilson := func(n float64) stat.Interval { return stat.WilsonShare(r.Value, n, r.Confidence) }
	now := smallest(func(n float64) bool { i := wilson(n); return i.High-i.Low <= r.High-r.Low })
	then := smallest(func(n float64) bool { i := wilson(n); return c.Threshold <= i.Low || c.Threshold > i.High })
	return max(1, then/now)
}

// smallest is the least n ≥ 1 for which ok, which stays so above, to a
// thousandth.
func smallest(ok func(n float64) bool) float64 {
	if ok(1) {
		return 1
	}
	low, high := 1.0, 2.0
	for !ok(high) {
		if high > 1e12 {
			return math.Inf(1)
		}
		low, high = high, 2*high
	}
	for high/low > 1.001 {
		if mid := math.Sqrt(low * high); ok(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}
