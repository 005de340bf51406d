package export

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"framepilot/pilot"
)

// WriteCard writes a model card, in Markdown with the YAML head that model
// hubs read (model-index): what the model is, what it was measured on, what
// came out, and the state of its licence. signed names who signed the licence;
// "" is nobody.
func WriteCard(w io.Writer, rec pilot.Record, signed string) error {
	type result struct {
		Site, Recipe string
		Metrics      []pilot.Metric
	}
	data := struct {
		Run     pilot.Run
		Signed  string
		Sites   []string
		Train   int
		Test    int
		Failed  int
		Results []result
	}{Run: rec.Run, Signed: signed, Failed: len(rec.Failures)}
	for _, c := range rec.Clips {
		if !slices.Contains(data.Sites, c.Site) {
			data.Sites = append(data.Sites, c.Site)
		}
		switch c.Split {
		case "train":
			data.Train++
		case "test":
			data.Test++
		}
	}
	for _, r := range rec.Results {
		data.Results = append(data.Results, result{r.Site, r.Recipe(), r.Metrics})
	}
	if err := cardTemplate.Execute(w, data); err != nil {
		return fmt.Errorf("export model card: %w", err)
	}
	return nil
}

// quote is text as a YAML double-quoted string.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s) + `"`
}

// line is text that can't end a Markdown table row or heading.
func line(s string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "|", `\|`).Replace(s)
}

func interval(m pilot.Metric) string {
	if !m.HasInterval {
		return ""
	}
	return fmt.Sprintf("%.4g to %.4g (%s)", m.Low, m.High, m.Interval)
}

var cardTemplate = template.Must(template.New("card").Funcs(template.FuncMap{"quote": quote, "line": line, "interval": interval}).Parse(`---
library_name: framepilot
pipeline_tag: video-classification
license: {{if .Signed}}other{{else}}unknown{{end}}
model-index:
- name: {{quote (index .Run.Params "model")}}
  results:
{{- range .Results}}
  - task:
      type: video-classification
      name: {{quote .Recipe}}
    dataset:
      type: private
      name: {{quote .Site}}
    metrics:
{{- range .Metrics}}
    - type: {{quote .Name}}
      value: {{printf "%g" .Value}}
{{- end}}
{{- else}} []
{{- end}}
---

# {{line .Run.Pilot}}
{{with .Run.Question}}
{{line .}}
{{end}}
## Model

TVTSv2 (arXiv 2305.14173), {{line (index .Run.Params "model")}}, used as it was published: its weights are frozen.
Checkpoint SHA-256: {{line (index .Run.Params "model_sha256")}}.

## Licence

{{if .Signed}}Signed off by {{line .Signed}}.{{else}}The weights come without an explicit licence. Nobody has signed this off yet.{{end}}

## Data

{{len .Sites}} sites ({{range $i, $s := .Sites}}{{if $i}}, {{end}}{{line $s}}{{end}}); {{.Train}} clips to learn from, {{.Test}} to test on,
{{.Failed}} could not be used. Clips of one recording are never on both sides. The footage is private and is not part of
this card.

## Results

| site | recipe | metric | value | interval |
|---|---|---|---|---|
{{range $r := .Results}}{{range .Metrics}}| {{line $r.Site}} | {{line $r.Recipe}} | {{line .Name}} | {{printf "%.4g" .Value}} | {{line (interval .)}} |
{{end}}{{end}}
## Limits

Measured on the clips above and nothing else. Another camera, light or mix of events can give other numbers;
` + "`framepilot shift`" + ` tells whether a site is different.

Run {{line .Run.ID}}, seed {{.Run.Seed}}.
`))
