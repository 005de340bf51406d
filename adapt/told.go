package adapt

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/domain"
	"framepilot/pilot"
)

// SiteFinding is what can be said of a site whose clips have no labels: how it
// differs from where the labels come from, what accuracy to expect there and
// what every classifier answers, never a score.
type SiteFinding struct {
	Site       string            `json:"site"`
	Classifier string            `json:"classifier"` // what the diagnosis goes by: logistic, or zero-shot where training clips are of one class
	Shift      domain.Report     `json:"shift"`
	Expected   []SiteExpectation `json:"expected"` // of every classifier fitted to all training clips
}

// SiteExpectation is what is expected of one classifier at such a site.
type SiteExpectation struct {
	Name     string      `json:"name"`
	Accuracy *[2]float64 `json:"expected_accuracy"` // a range; null where nothing can be expected
}

// tellSites gathers what the ledger holds of sites without labels and writes
// what was answered there.
func (r *run) tellSites(ctx context.Context) error {
	rec, err := r.ledger.Load(ctx, r.sum.Run)
	if err != nil {
		return err
	}
	for _, f := range rec.Sites {
		found := SiteFinding{Site: f.Site, Classifier: f.Classifier, Expected: []SiteExpectation{}}
		if err := json.Unmarshal(f.Numbers, &found.Shift); err != nil {
			return fmt.Errorf("site %s: %w", f.Site, err)
		}
		for _, x := range rec.Expectations {
			if x.Site != f.Site {
				continue
			}
			one := SiteExpectation{Name: x.Name()}
			if x.HasRange {
				one.Accuracy = &[2]float64{x.Low, x.High}
			}
			found.Expected = append(found.Expected, one)
		}
		r.sum.Sites = append(r.sum.Sites, found)
	}
	if len(rec.Expectations) == 0 {
		return nil
	}
	return r.writeAnswers(rec.Expectations)
}

// writeAnswers lists what every classifier answers at sites without labels, one
// line a clip and classifier.
func (r *run) writeAnswers(list []pilot.Expectation) (err error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"clip", "site", "classifier", "predicted", "probability", "possible"})
	for _, x := range list {
		for _, a := range x.Answers {
			w.Write([]string{a.Clip, x.Site, x.Name(), a.Class, strconv.FormatFloat(a.P, 'f', 4, 64), strings.Join(a.Possible, labelSeparator)})
		}
	}
	w.Flush()
	r.sum.Predictions = filepath.Join(r.dir, "runs", r.sum.Run, "predictions.csv")
	if err := renameio.WriteFile(r.sum.Predictions, b.Bytes(), 0o644); err != nil {
		return diskFault("write the predictions", err)
	}
	return nil
}
