package pilot

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"framepilot/probe"
)

// NoClass stands for the classes of a clip that is of none of several.
const NoClass = "(none)"

// tagSeparator stands between the classes of a clip that is of several.
const tagSeparator = "|"

// Tagged are the classes of a clip that may be of several, as Truth and
// Predicted hold them. The names hold no |, which adapt sees to.
func Tagged(classes []string) string {
	if len(classes) == 0 {
		return NoClass
	}
	return strings.Join(classes, tagSeparator)
}

// Tags are the classes that Tagged has joined; none of "" either.
func Tags(text string) []string {
	if text == "" || text == NoClass {
		return nil
	}
	return strings.Split(text, tagSeparator)
}

// Several tells whether a clip may be of several classes, as far as the
// predictions tell.
func (r Result) Several() bool { return len(r.Predictions) > 0 && r.Predictions[0].Scores != nil }

// Mistaken tells whether something was said of the clip that is not so: of
// several classes, one too many or too few.
func (p Prediction) Mistaken() bool { return !p.Correct && p.Predicted != "" }

// tagged are the predictions of a result whose clips may be of several classes,
// as far as they are about the given ones, which the result has all; said tells
// whether there were thresholds.
func (r Result) tagged(classes []string, recording map[string]string) (list []probe.MultiPrediction, said bool, err error) {
	place := make([]int, len(classes)) // of a class in Scores
	number := make(map[string]int, len(classes))
	for i, c := range classes {
		if place[i] = slices.Index(r.Classes, c); place[i] < 0 {
			return nil, false, fmt.Errorf("no class %q in result %s", c, r.Key)
		}
		number[c] = i
	}
	numbers := func(p Prediction, text string) (of []int, err error) {
		for _, name := range Tags(text) {
			i, ok := number[name]
			if ok {
				of = append(of, i)
			} else if !slices.Contains(r.Classes, name) {
				return nil, fmt.Errorf("clip %s: %q is not among the classes", p.Clip, name)
			}
		}
		slices.Sort(of)
		return slices.Compact(of), nil
	}
	list = make([]probe.MultiPrediction, len(r.Predictions))
	for i, p := range r.Predictions {
		one := probe.MultiPrediction{ID: p.Clip, Group: recording[p.Clip], Z: make([]float32, len(classes))}
		if len(p.Scores) != len(r.Classes) {
			return nil, false, fmt.Errorf("clip %s: %d scores of %d classes", p.Clip, len(p.Scores), len(r.Classes))
		}
		for c, at := range place {
			one.Z[c] = p.Scores[at]
		}
		if one.Of, err = numbers(p, p.Truth); err != nil {
			return nil, false, err
		}
		if one.Said, err = numbers(p, p.Predicted); err != nil {
			return nil, false, err
		}
		said = said || p.Predicted != ""
		list[i] = one
	}
	return list, said, nil
}

// RescoreSeveral is Rescore where a clip may be of several classes.
func RescoreSeveral(rec Record, r Result, conf float64) (probe.MultiScore, error) {
	list, said, err := r.tagged(r.Classes, rec.Recordings())
	if err != nil {
		return probe.MultiScore{}, err
	}
	return probe.RescoreMulti(r.Classes, list, said, conf)
}

// scoreBytes are scores as their column holds them: null where there are none.
func scoreBytes(scores []float32) any {
	if scores == nil {
		return nil
	}
	out := make([]byte, 0, 4*len(scores))
	for _, z := range scores {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(z))
	}
	return out
}

// scoresOf is the reverse of scoreBytes.
func scoresOf(bytes []byte) ([]float32, error) {
	if bytes == nil {
		return nil, nil
	}
	if len(bytes)%4 != 0 {
		return nil, fmt.Errorf("scores of %d bytes", len(bytes))
	}
	out := make([]float32, len(bytes)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	return out, nil
}
