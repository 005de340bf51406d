package report

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"framepilot/internal/lang"
	"framepilot/internal/stat"
	"framepilot/pilot"
	"framepilot/probe"
)

// NewSite is a site whose clips have no labels, or a few to confirm by: what
// can be said of it without them, and what those few say.
type NewSite struct {
	Site       string              `json:"site"`
	Classifier string              `json:"classifier"` // what the diagnosis goes by
	Verdict    string              `json:"verdict"`    // in what the site differs
	Clips      int                 `json:"clips"`
	Recordings int                 `json:"recordings"`
	Suggested  string              `json:"suggested"` // method to take a classifier there with; empty for none
	ToConfirm  int                 `json:"clips_to_confirm"`
	Words      map[string][]string `json:"words"` // by language
	Outlooks   []Outlook           `json:"classifiers"`
}

// Outlook is one classifier at such a site.
type Outlook struct {
	Method    string     `json:"method"`
	Label     string     `json:"label"`
	Prompts   string     `json:"prompts,omitempty"`
	TrainSite string     `json:"train_site,omitempty"`
	Expected  *Expected  `json:"expected"`            // nil where nothing can be
	Confirmed *Confirmed `json:"confirmed,omitempty"` // nil where no clip has a label
}

// Expected is the range an accuracy is expected in, without labels.
type Expected struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Confirmed is an accuracy measured on the few clips labelled to confirm.
type Confirmed struct {
	Clips      int      `json:"clips"`
	Recordings int      `json:"recordings"`
	Accuracy   float64  `json:"accuracy"`
	Interval   Interval `json:"interval"`
	Verdict    string   `json:"verdict"`    // AsExpected, Lower or Higher; empty where nothing was expected
	LabelMore  int      `json:"label_more"` // clips of other recordings, to know it to confirmHalfWidth
}

// What a measured accuracy says of the expected one, which it contradicts only
// where the two ranges have no value in common.
const (
	AsExpected = "as_expected"
	Lower      = "lower"
	Higher     = "higher"
)

// confirmHalfWidth is how well an accuracy is to be known.
const confirmHalfWidth = 0.1

// buildNewSites sets what is expected at sites without labels beside what was
// measured there.
func buildNewSites(rec pilot.Record) []NewSite {
	recording := map[string]string{}
	for _, c := range rec.Clips {
		recording[c.ID] = c.Recording
	}
	var out []NewSite
	for _, f := range rec.Sites {
		s := NewSite{
			Site: f.Site, Classifier: f.Classifier, Verdict: f.Verdict, Clips: f.Clips, Recordings: f.Recordings,
			Suggested: f.Suggested, ToConfirm: f.ToConfirm, Words: f.Words, Outlooks: []Outlook{},
		}
		for _, x := range rec.Expectations {
			if x.Site != f.Site {
				continue
			}
			o := Outlook{Method: x.Method, Label: x.Label, Prompts: x.Prompts, TrainSite: x.TrainSite}
			if x.HasRange {
				o.Expected = &Expected{x.Low, x.High}
			}
			i := slices.IndexFunc(rec.Results, func(r pilot.Result) bool {
				return r.Task == pilot.Classification && r.Site == x.Site && r.Label == x.Label && r.Prompts == x.Prompts &&
					r.TrainSite == x.TrainSite && len(r.Predictions) > 0
			})
			if i >= 0 {
				o.Confirmed = newConfirmed(rec.Results[i], o.Expected, recording, f.Clips)
			}
			s.Outlooks = append(s.Outlooks, o)
		}
		out = append(out, s)
	}
	return out
}

// newConfirmed reads a result on a few of a site's clips.
func newConfirmed(r pilot.Result, expected *Expected, recording map[string]string, clips int) *Confirmed {
	m := r.Metrics[0]
	c := &Confirmed{Clips: m.N, Accuracy: m.Value, Interval: Interval{m.Interval, m.Low, m.High}}
	seen := map[string]bool{}
	for _, p := range r.Predictions {
		seen[recording[p.Clip]] = true
	}
	c.Recordings = len(seen)
	switch {
	case expected == nil:
	case m.High < expected.Low:
		c.Verdict = Lower
	case m.Low > expected.High:
		c.Verdict = Higher
	default:
		c.Verdict = AsExpected
	}
	if (m.High-m.Low)/2 > confirmHalfWidth {
		need := stat.ShareClips(m.Value, confirmHalfWidth, probe.LookConfidence(r.Look, r.Agreed))
		c.LabelMore = max(0, min(need-c.Recordings, clips-c.Clips))
	}
	return c
}

// newSiteSection says of every site without labels what can be said.
func (w words) newSiteSection(sites []NewSite) section {
	l := w.language
	s := section{ID: "new-sites", Title: l.Text("sites.title")}
	for _, n := range sites {
		s.Blocks = append(s.Blocks, block{Heading: name(n.Site), List: n.told(l)})
		if len(n.Outlooks) == 0 {
			continue
		}
		t := &table{Caption: l.Text("sites.caption", lang.Args{"Site": name(n.Site)}), Head: []column{
			{l.Text("sites.column.method"), false}, {l.Text("sites.column.expected"), true}, {l.Text("sites.column.measured"), true}, {l.Text("sites.column.says"), false},
		}}
		for _, o := range n.Outlooks {
			expected, measured, says := o.told(l)
			t.Rows = append(t.Rows, row{Head: name(o.Label), Note: o.Prompts, Cells: []cell{{Text: expected}, {Text: measured}, {Text: says}}})
		}
		s.Blocks = append(s.Blocks, block{Table: t})
	}
	if len(sites) > 0 {
		s.Blocks = append(s.Blocks, block{Caution: l.Text("sites.caution")})
	}
	return s
}

// told is the diagnosis in sentences.
func (n NewSite) told(l lang.Language) (sentences []string) {
	for _, s := range n.Words[string(l)] {
		sentences = append(sentences, visible(s))
	}
	return sentences
}

// told is what is expected, what was measured and what that says.
func (o Outlook) told(l lang.Language) (expected, measured, says string) {
	expected, measured = l.Text("sites.not_known"), "–"
	if o.Expected != nil {
		expected = span(o.Expected.Low, o.Expected.High, "")
	}
	c := o.Confirmed
	if c == nil {
		return expected, measured, l.Text("sites.unconfirmed")
	}
	measured = l.Text("sites.measured", lang.Args{"Value": percent(c.Accuracy), "Range": span(c.Interval.Low, c.Interval.High, ""), "Count": c.Clips})
	says = l.Text("sites.enough")
	if c.LabelMore > 0 {
		says = l.Text("sites.more", lang.Args{"Count": c.LabelMore})
	}
	if c.Verdict != "" {
		says = l.Text("sites.both", lang.Args{"Verdict": l.Text("sites.verdict." + c.Verdict), "Next": says})
	}
	return expected, measured, says
}

// terminalNewSites is the section as plain text.
func terminalNewSites(l lang.Language, sites []NewSite) string {
	var b strings.Builder
	for _, n := range sites {
		by := n.Classifier
		if by == "" {
			by = l.Text("sites.no_classifier")
		}
		id := "sites.heading"
		if slices.ContainsFunc(n.Outlooks, func(o Outlook) bool { return o.Confirmed != nil }) {
			id = "sites.heading_few"
		}
		fmt.Fprintln(&b, l.Text(id, lang.Args{"Site": visible(n.Site), "Classifier": visible(by)}))
		for _, sentence := range n.told(l) {
			fmt.Fprintf(&b, "  %s\n", sentence)
		}
		t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		for _, o := range n.Outlooks {
			expected, measured, says := o.told(l)
			label := visible(o.Label)
			if o.Prompts != "" {
				label += ", " + visible(o.Prompts)
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", label, l.Text("sites.expected", lang.Args{"Range": expected}), measured, says)
		}
		t.Flush()
		b.WriteByte('\n')
	}
	return b.String()
}
