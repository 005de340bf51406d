package report

import (
	"strings"
	"testing"

	"framepilot/pilot"
)

// An outline says nothing that the report does not say, with a case and
// without one.
func TestOutlineIsOfTheReport(t *testing.T) {
	known, err := sampleCase(t, 60).Dossier(t.Context(), sampleRun, "")
	must(t, err)
	for what, d := range map[string]pilot.Dossier{"case": known, "run": {Record: sample()}} {
		for _, audience := range []Audience{Engineer, Board} {
			for _, l := range both {
				doc := Build(d, Options{Language: l, Audience: audience})
				file, err := render(Markdown, doc)
				must(t, err)
				text := strings.NewReplacer(`\`, "", "*", "").Replace(string(file))
				o := doc.Outline()
				if len(o.Figures) == 0 || len(o.Sections) < 4 || (o.Answer == "") != (doc.Case == nil) {
					t.Errorf("%s, %s, %s: outline %+v", what, audience, l, o)
				}
				say := append([]string{o.Title, o.Answer}, o.Sections...)
				for _, p := range append(o.Figures, o.Facts...) {
					say = append(say, p.Lines...)
				}
				for _, s := range say {
					if !strings.Contains(text, s) {
						t.Errorf("%s, %s, %s: the report does not say %q", what, audience, l, s)
					}
				}
			}
		}
	}
}
