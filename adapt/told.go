package adapt

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"framepilot/adapt/lists"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/pilot/report"
)

// SiteFinding is what can be said of a site whose clips have no labels: how it
// differs from where the labels come from, and of every classifier what
// accuracy to expect there and what a few labels confirm.
type SiteFinding struct {
	Site        string           `json:"site"`
	Classifier  string           `json:"classifier"` // what the diagnosis goes by: logistic, or zero-shot where training clips are of one class
	Shift       domain.Report    `json:"shift"`
	Classifiers []report.Outlook `json:"classifiers"` // fitted to all training clips
}

// tellSites gathers what a run found of sites without labels and writes what
// was answered there.
func (r *run) tellSites(rec pilot.Record) error {
	for i, f := range rec.Sites {
		found := SiteFinding{Site: f.Site, Classifier: f.Classifier, Classifiers: r.sum.Document.Results.NewSites[i].Outlooks}
		if err := json.Unmarshal(f.Numbers, &found.Shift); err != nil {
			return fmt.Errorf("site %s: %w", f.Site, err)
		}
		r.sum.Sites = append(r.sum.Sites, found)
	}
	if len(rec.Expectations) == 0 {
		return nil
	}
	return r.writeAnswers(rec.Expectations)
}

// yesNo is a cell of a table; empty where nobody knows.
func yesNo(b *bool) string {
	switch {
	case b == nil:
		return ""
	case *b:
		return "yes"
	}
	return "no"
}

// writeAnswers lists what every classifier answers at sites without labels, one
// line a clip and classifier.
func (r *run) writeAnswers(list []pilot.Expectation) (err error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"clip", "site", "classifier", "predicted", "probability", "possible", "none_of_the_above"})
	for _, x := range list {
		for _, a := range x.Answers {
			w.Write([]string{a.Clip, x.Site, x.Name(), a.Class, strconv.FormatFloat(a.P, 'f', 4, 64), strings.Join(a.Possible, lists.LabelSeparator), yesNo(a.None)})
		}
	}
	w.Flush()
	r.sum.Predictions = filepath.Join(r.dir, "runs", r.sum.Run, "predictions.csv")
	if err := renameio.WriteFile(r.sum.Predictions, lang.ForSpreadsheets(b.Bytes()), 0o644); err != nil {
		return fault.Disk("write the predictions", err)
	}
	return nil
}
