package report

import (
	"cmp"
	"slices"
	"strings"

	"framepilot/pilot"
)

// maxTypical is how many failures a gallery shows.
const maxTypical = 12

// typicalFailures chooses wrong predictions by rule, so that nobody can choose
// them by hand: pairs of classes by how often they are confused, of each the
// most confident clip, then of each the second, until there are enough.
func typicalFailures(r pilot.Result) []Prediction {
	type pair struct{ truth, predicted string }
	of := map[pair][]Prediction{}
	for _, p := range r.Predictions {
		if p.Mistaken() {
			at := pair{p.Truth, p.Predicted}
			of[at] = append(of[at], Prediction(p))
		}
	}
	var pairs []pair
	for at, list := range of {
		pairs = append(pairs, at)
		slices.SortFunc(list, moreConfident)
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(len(of[b])-len(of[a]), strings.Compare(a.truth, b.truth), strings.Compare(a.predicted, b.predicted))
	})
	out := []Prediction{}
	for round := 0; len(out) < maxTypical; round++ {
		before := len(out)
		for _, at := range pairs {
			if round < len(of[at]) && len(out) < maxTypical {
				out = append(out, of[at][round])
			}
		}
		if len(out) == before {
			break
		}
	}
	return out
}

func moreConfident(a, b Prediction) int {
	return cmp.Or(cmp.Compare(b.P, a.P), strings.Compare(a.Clip, b.Clip))
}

// What pictures may weigh: each, and all together, in bytes. With the third
// that base64 adds, a page with all of them stays far under 3 MB.
const (
	maxPicture  = 64 << 10
	maxPictures = 1 << 20
)

// takePictures fetches the pictures of the galleries, as many as the page may
// carry, those of the first sites first.
func takePictures(details []Detail, from Thumbnails) map[string][]byte {
	if from == nil {
		return nil
	}
	out := map[string][]byte{}
	room := maxPictures
	for _, d := range details {
		for _, p := range d.Typical {
			if out[p.Clip] != nil {
				continue
			}
			if jpeg, ok := from(p.Clip); ok && len(jpeg) <= min(maxPicture, room) {
				out[p.Clip] = jpeg
				room -= len(jpeg)
			}
		}
	}
	return out
}
