package report

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"framepilot/internal/fault"
	"framepilot/internal/lang"
	"framepilot/pilot"
)

var formats = []Format{HTML, Markdown, JSON, CSV}

// The same results in another order, in another run, are the same report but
// for the section about the run.
func TestDeterministic(t *testing.T) {
	a, b := sample(), sample()
	rng := rand.New(rand.NewPCG(3, 4))
	rng.Shuffle(len(b.Results), func(i, j int) { b.Results[i], b.Results[j] = b.Results[j], b.Results[i] })
	rng.Shuffle(len(b.Clips), func(i, j int) { b.Clips[i], b.Clips[j] = b.Clips[j], b.Clips[i] })
	for _, format := range formats {
		if write(t, format, build(a)) != write(t, format, build(b)) {
			t.Errorf("%s depends on the order of results", format)
		}
	}
	b.Run.ID, b.Run.Started, b.Run.Finished = "another", time.Time{}, a.Run.Finished.Add(time.Hour)
	b.Run.Environment, b.Stages = nil, nil
	x, y := build(a), build(b)
	if reflect.DeepEqual(x.Run, y.Run) || !reflect.DeepEqual(x.Results, y.Results) {
		t.Error("what differs between two runs is not confined to their run sections")
	}
	rows := func(d Document) string {
		text, _, _ := strings.Cut(write(t, CSV, d), "framepilot-report,")
		return text
	}
	if rows(x) != rows(y) {
		t.Error("the CSV tells two runs of one plan apart")
	}
}

// JSON loses nothing: numbers read back bit for bit.
func TestJSONRoundTrip(t *testing.T) {
	d := build(sample())
	var back Document
	if err := json.Unmarshal([]byte(write(t, JSON, d)), &back); err != nil {
		t.Fatal(err)
	}
	if back.Schema != Schema || write(t, JSON, back) != write(t, JSON, d) {
		t.Error("the JSON does not read back as it was written")
	}
	if got, want := back.Results.Measurements[3].Metrics, d.Results.Measurements[3].Metrics; !reflect.DeepEqual(got, want) {
		t.Errorf("metrics read %v, want %v", got, want)
	}
}

// Every number a person reads is a number of the JSON, rounded.
func TestNumbersAreTheJSONs(t *testing.T) {
	d := build(sample())
	var tree any
	if err := json.Unmarshal([]byte(write(t, JSON, d)), &tree); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"95": true, "0.001": true} // the level of the intervals, the least p-value shown
	collect(tree, known)
	decimal := regexp.MustCompile(`[0-9]+\.[0-9]+`)
	percents := regexp.MustCompile(`([0-9.]+)[ \x{a0}]%`)
	for _, format := range []Format{HTML, Markdown} {
		text := write(t, format, d)
		text = text[strings.Index(text, "<main>")+1 : strings.Index(text, "How it was made")]
		if format == HTML {
			text = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(text, "")
			text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")
		}
		found := 0
		for _, m := range percents.FindAllStringSubmatch(text, -1) {
			if found++; !known[m[1]] && m[1] != "100" {
				t.Errorf("%s says %s %%, which is not in the JSON", format, m[1])
			}
		}
		for _, m := range decimal.FindAllString(text, -1) {
			if !known[m] {
				t.Errorf("%s says %s, which is not in the JSON", format, m)
			}
		}
		if found < 100 {
			t.Errorf("%s shows only %d percentages", format, found)
		}
	}

	rows, err := csv.NewReader(strings.NewReader(write(t, CSV, d))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, m := range d.Results.Measurements {
		for _, x := range m.Metrics {
			i++
			row := rows[i]
			value, err := strconv.ParseFloat(row[12], 64)
			if err != nil || row[1] != m.Key || row[10] != x.Name || value != x.Value || row[16] != strconv.Itoa(x.N) {
				t.Errorf("CSV line %v is not metric %v of %s", row, x, m.Key)
			}
			if x.Interval != nil && (row[13] != exact(x.Interval.Low) || row[14] != exact(x.Interval.High) || row[15] != x.Interval.Kind) {
				t.Errorf("CSV line %v lost its interval", row)
			}
		}
	}
	if len(rows) != i+2 { // the heads, and what the file was made from
		t.Errorf("%d CSV lines for %d metrics", len(rows)-2, i)
	}
}

// collect notes how each number of a JSON tree may be shown.
func collect(v any, known map[string]bool) {
	switch v := v.(type) {
	case float64:
		known[strconv.FormatFloat(100*v, 'f', 1, 64)] = true
		known[strconv.FormatFloat(v, 'f', 1, 64)] = true
		known[strconv.FormatFloat(v, 'f', 3, 64)] = true
		known[strconv.FormatFloat(100*math.Abs(v), 'f', 1, 64)] = true // a sign is a character of its own
	case []any:
		for _, x := range v {
			collect(x, known)
		}
	case map[string]any:
		for _, x := range v {
			collect(x, known)
		}
	}
}

// hostile is a record whose every string tries to get out of its place.
func hostile() pilot.Record {
	rec := sample()
	evil := []string{
		`<script>alert(1)</script>`, "line\nbreak | pipe\r\n\ttab", `"quote' onload="x`, "=HYPERLINK(\"http://evil.example/\")", "+1", "-2", "@SUM(A1)",
		strings.Repeat("very-long-name/", 400), "שלום\u202egnp.exe", "\xff\xfe\x00\x1b[31m", "`code` *bold* [link](http://evil.example) # h ~~s~~ &amp;", "]]>--></style></svg></title>",
		"{{.}} ${x} \\", "＝1+1", " =1", "\ue000\ufffe\u2028", "映像/現場 １.mp4", "```\nfence",
	}
	rename := map[string]string{}
	next := 0
	spoil := func(s *string) {
		if *s == "" {
			return
		}
		if rename[*s] == "" {
			rename[*s] = evil[next%len(evil)] + fmt.Sprint(next)
			if next < len(evil) {
				rename[*s] = evil[next]
			}
			next++
		}
		*s = rename[*s]
	}
	r := &rec.Run
	for _, s := range []*string{&r.Question, &r.Pilot, &r.ID, &r.PlanPath, &r.Message, &r.Key} {
		spoil(s)
	}
	r.Status, r.Message, r.PlanText = pilot.Failed, evil[0]+evil[1], strings.Join(evil, "\n")
	r.Params = map[string]string{evil[0]: evil[1], evil[3]: evil[8]}
	r.Environment = map[string]string{evil[9]: evil[10], evil[11]: evil[12]}
	for i := range rec.Failures {
		f := &rec.Failures[i]
		for _, s := range []*string{&f.Clip, &f.Site, &f.Class, &f.Message, &f.Hint} {
			spoil(s)
		}
	}
	for i := range rec.Stages {
		spoil(&rec.Stages[i].Name)
		spoil(&rec.Stages[i].Detail)
	}
	for i := range rec.Results {
		x := &rec.Results[i]
		for _, s := range []*string{&x.Label, &x.Site, &x.Prompts, &x.TrainSite} {
			spoil(s)
		}
		x.Classes = append([]string(nil), x.Classes...)
		for j := range x.Classes {
			spoil(&x.Classes[j])
		}
		for j := range x.PerClass {
			spoil(&x.PerClass[j].Class)
		}
		for j := range x.Choices {
			c := &x.Choices[j]
			for _, s := range []*string{&c.Name, &c.Value, &c.Rule, &c.Reason} {
				spoil(s)
			}
		}
		for j := range x.Predictions {
			p := &x.Predictions[j]
			spoil(&p.Clip)
			spoil(&p.Truth)
			spoil(&p.Predicted)
		}
	}
	for i := range rec.Clips {
		spoil(&rec.Clips[i].ID)
		spoil(&rec.Clips[i].Site)
	}
	return rec
}

// records are the cases every writer must survive.
func records() map[string]pilot.Record {
	bare := sample()
	bare.Clips, bare.Failures, bare.Stages = nil, nil, nil
	for i := range bare.Results {
		r := &bare.Results[i]
		r.Classes, r.PerClass, r.Confusion, r.Predictions, r.Choices = nil, nil, nil, nil, nil
	}
	searched := sample()
	searched.Results = searched.Results[len(searched.Results)-2:]
	return map[string]pilot.Record{
		"sample": sample(), "hostile": hostile(), "empty": {}, "without parts": bare, "retrieval only": searched, "few clips": fewRecord(),
		"many classes": manyClasses(400), "large matrix": manyClasses(24), "one class": manyClasses(1),
	}
}

func manyClasses(n int) pilot.Record {
	rec := pilot.Record{Run: pilot.Run{ID: "r", Pilot: "p", Status: pilot.Running}}
	r := pilot.Result{Key: "k", Task: pilot.Classification, Method: "logistic", Label: "linear probe, all labels", Site: "a"}
	counts := make([]int, n)
	for i := range counts {
		counts[i] = 6
		r.Classes = append(r.Classes, fmt.Sprint("class ", i))
	}
	predict(&r, counts, 0.7, rand.New(rand.NewPCG(1, 1)))
	rec.Results = []pilot.Result{r}
	return rec
}

// fewRecord has four test clips: nothing in it may become a percentage.
func fewRecord() pilot.Record {
	rec := pilot.Record{Run: pilot.Run{ID: "r", Pilot: "p", Status: pilot.Done}}
	for draw := 1; draw <= 2; draw++ {
		rec.Results = append(rec.Results, pilot.Result{
			Key: fmt.Sprint(draw), Task: pilot.Classification, Method: "logistic", Label: "linear probe, 1 shot", Site: "a", Shots: 1, Draw: draw,
			Metrics: []pilot.Metric{
				{Name: "top1", Value: 0.25 * float64(draw), N: 4, Low: 0.1, High: 0.9, HasInterval: true, Interval: "wilson 95 %"},
				{Name: "macro_recall", Value: 0.3333, N: 4},
			},
		})
	}
	zero := rec.Results[0]
	zero.Key, zero.Method, zero.Label, zero.Shots, zero.Draw = "zero", pilot.ZeroShot, "zero-shot", 0, 0
	rec.Results = append(rec.Results, zero)
	return rec
}

// documents are those of records, of a pilot with all a journal can hold, of
// one whose every word is hostile, and of one where nothing was agreed yet.
func documents(t *testing.T) map[string]Document {
	out := map[string]Document{}
	for what, rec := range records() {
		out[what] = build(rec)
	}
	pictures := func(string) ([]byte, bool) { return []byte{0xff}, true }
	out["case"] = caseDocument(t, 30, Options{Language: lang.Japanese, Pictures: pictures})
	evil := caseDocument(t, 30, Options{})
	bad := "<script>alert(1)</script>`*_|\n=1+1 \"'&\u202e"
	c := evil.Case
	for i := range c.Gates {
		g := &c.Gates[i]
		if g.Criterion.Name == c.Risk.Name {
			c.Risk.Name = bad + fmt.Sprint(i)
		}
		g.Criterion.Text, g.Criterion.Site, g.Criterion.Recipe, g.Criterion.Name = bad, bad, bad, bad+fmt.Sprint(i)
		for _, s := range []*Signature{g.Sealed, g.Signed, g.Waived} {
			if s != nil {
				s.By, s.Text = bad, bad
			}
		}
	}
	for i := range c.Journal {
		c.Journal[i].By, c.Journal[i].Text, c.Journal[i].Gate = bad, bad, bad
	}
	for i := range c.Return.Assumptions {
		c.Return.Assumptions[i].Owner, c.Return.Assumptions[i].Source = bad, bad
	}
	c.Decision.By, c.Decision.Approved, c.Decision.Note, c.Return.Currency, c.Return.Recipe, c.Next.Command = bad, bad, bad, bad, bad, bad
	out["hostile case"] = evil
	l, err := pilot.Open(t.Context(), pilot.Memory)
	must(t, err)
	defer l.Close()
	_, err = l.Create(t.Context(), "p", "", "K. Sato")
	must(t, err)
	must(t, l.Begin(t.Context(), pilot.Run{ID: "r", Pilot: "p"}))
	known, err := l.Dossier(t.Context(), "r", "")
	must(t, err)
	out["nothing agreed"] = Build(known, Options{})
	return out
}

// The HTML is well-formed, runs nothing, loads nothing and stays small.
func TestHTMLIsInert(t *testing.T) {
	for what, d := range documents(t) {
		text := write(t, HTML, d)
		if len(text) > 3<<20 {
			t.Errorf("%s: %d bytes", what, len(text))
		}
		decoder := xml.NewDecoder(strings.NewReader(text))
		ids, refs := map[string]bool{}, []string{}
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: not well-formed: %v", what, err)
				break
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch tag := start.Name.Local; tag {
			case "script", "link", "iframe", "object", "a", "image", "use", "base", "form":
				t.Errorf("%s: element %s", what, tag)
			}
			for _, a := range start.Attr {
				switch key := a.Name.Local; {
				case strings.HasPrefix(key, "on"), key == "style", key == "href", key == "src" && !strings.HasPrefix(a.Value, "data:image/jpeg;base64,"):
					t.Errorf("%s: attribute %s=%q", what, key, a.Value)
				case key == "id":
					if ids[a.Value] {
						t.Errorf("%s: id %s twice", what, a.Value)
					}
					ids[a.Value] = true
				case key == "aria-labelledby":
					refs = append(refs, strings.Fields(a.Value)...)
				case strings.Contains(a.Value, "NaN"), strings.Contains(a.Value, "Inf"):
					t.Errorf("%s: attribute %s=%q", what, key, a.Value)
				}
			}
		}
		for _, ref := range refs {
			if !ids[ref] {
				t.Errorf("%s: nothing has the id %s", what, ref)
			}
		}
		for _, want := range []string{`http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-`, "</html>"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s", what, want)
			}
		}
		if strings.Contains(text, "url(") || strings.Contains(text, "@import") {
			t.Errorf("%s: the style loads something", what)
		}
	}
}

// What has no shape never reaches a page, and one table line stays one line.
func TestHostileText(t *testing.T) {
	d := build(hostile())
	for _, format := range []Format{HTML, Markdown, CSV} {
		text := write(t, format, d)
		for _, r := range text {
			if r != '\n' && (r < ' ' || r == '\u202e' || r == '\u2028' || r == '\ue000' || r == '\ufffd') {
				t.Fatalf("%s holds %q", format, r)
			}
		}
	}
	md := write(t, Markdown, d)
	outside := regexp.MustCompile("(?s)````\n.*?\n````\n|```\n.*?\n```\n").ReplaceAllString(md, "")
	for _, bad := range []string{"<script", "</", "\n=HYP"} {
		if strings.Contains(outside, bad) {
			t.Errorf("the Markdown holds %q", bad)
		}
	}
	if link := regexp.MustCompile(`[^\\]\]\(`).FindString(outside); link != "" {
		t.Error("the Markdown holds a link")
	}
	columns := 0
	for line := range strings.Lines(outside) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if columns != 0 && n != columns {
			t.Errorf("a table of %d columns has a line of %d: %.80s", columns, n, line)
		}
		columns = n
	}
	rows, err := csv.NewReader(strings.NewReader(write(t, CSV, d))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	quoted := 0
	for _, row := range rows[1:] {
		for _, text := range append(row[:8:8], row[10], row[11], row[15]) {
			if strings.IndexAny(strings.TrimSpace(text), "=+-@＝") == 0 {
				t.Errorf("a spreadsheet would run %q", text)
			}
			if strings.HasPrefix(text, "'") {
				quoted++
			}
		}
	}
	if quoted == 0 {
		t.Error("no formula was met; the test proves nothing")
	}
}

func TestFewClipsAreCounted(t *testing.T) {
	d := build(fewRecord())
	for _, format := range []Format{HTML, Markdown} {
		text := write(t, format, d)
		if format == HTML {
			text = text[strings.Index(text, "</style>"):]
			text = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(text, "")
		}
		if i := strings.Index(strings.ReplaceAll(text, "0 to 100 %", ""), " %"); i >= 0 {
			t.Errorf("%s shows a percentage of four clips: …%s", format, text[max(0, i-60):i])
		}
		for _, want := range []string{"1.5 of 4", "mean of 2 draws, min–max 1 of 4 to 2 of 4", "0.33 (n = 4)"} {
			if !strings.Contains(strings.ReplaceAll(text, "\u2060", ""), want) {
				t.Errorf("%s does not say %q", format, want)
			}
		}
	}
}

func TestHeadline(t *testing.T) {
	d := build(sample()).Results
	for i, h := range d.Headlines {
		task := d.Tasks[0]
		highest, rows := 0.0, 0
		for _, r := range task.Rows {
			m, ok := r.Cells[i].metric("top1")
			if ok {
				highest, rows = max(highest, m.Mean), rows+1
			}
		}
		if h.Best.Summary.Mean != highest || h.Compared != rows || rows != 9 {
			t.Errorf("%s: headline %v of %d, highest is %v of %d", h.Site, h.Best.Summary.Mean, h.Compared, highest, rows)
		}
		if h.ZeroShot.Prompts != "described" {
			t.Errorf("%s: zero-shot with prompts %q", h.Site, h.ZeroShot.Prompts)
		}
		if p := h.Paired; p.Both+p.OnlyBest+p.OnlyZero+p.Neither != h.Best.Summary.N ||
			math.Abs(float64(p.Both+p.OnlyBest)-h.Best.Value*float64(h.Best.Summary.N)) > 1e-9 {
			t.Errorf("%s: paired counts %+v do not add up", h.Site, p)
		}
	}
}

// Of equals the one that asks for fewer labels is the headline.
func TestHeadlineOfEquals(t *testing.T) {
	result := func(method string, shots int, value float64) pilot.Result {
		return pilot.Result{
			Key: fmt.Sprint(method, shots), Task: pilot.Classification, Method: method, Label: fmt.Sprint(method, ", ", shots), Site: "a", Shots: shots,
			Metrics: []pilot.Metric{{Name: "top1", Value: value, N: 10}},
		}
	}
	for want, results := range map[string][]pilot.Result{
		"zero-shot0":    {result("logistic", 0, 0.5), result("logistic", 1, 0.5), result(pilot.ZeroShot, 0, 0.5)},
		"nearest-mean2": {result("logistic", 0, 0.5), result("logistic", 4, 0.5), result("nearest-mean", 2, 0.5), result(pilot.ZeroShot, 0, 0.4)},
		"logistic0":     {result("logistic", 0, 0.6), result("logistic", 4, 0.5)},
	} {
		h := build(pilot.Record{Results: results}).Results.Headlines[0]
		if h.Best.Typical != want {
			t.Errorf("headline %s, want %s", h.Best.Typical, want)
		}
	}
}

// Two settings of one method with the same labels are no learning curve.
func TestCurves(t *testing.T) {
	result := func(label string, shots int) pilot.Result {
		return pilot.Result{
			Key: label, Task: pilot.Classification, Method: "logistic", Label: label, Site: "a", Shots: shots,
			Metrics: []pilot.Metric{{Name: "top1", Value: 0.5, N: 10}},
		}
	}
	for what, c := range map[string]struct {
		results []pilot.Result
		x       []string
	}{
		"settings": {[]pilot.Result{result("probe, C = 1", 0), result("probe, C = 2", 0)}, nil},
		"mixed":    {[]pilot.Result{result("probe, 1 shot", 1), result("probe, C = 1", 0), result("probe, C = 2", 0)}, nil},
		"single":   {[]pilot.Result{result("probe, 4 shots", 4)}, nil},
		"one":      {[]pilot.Result{result("probe, all", 0), result("probe, 4 shots", 4)}, []string{"4", "all"}},
		"numbers":  {[]pilot.Result{result("probe, 16 shots", 16), result("probe, 4 shots", 4), result("probe, 1 shot", 1)}, []string{"1", "4", "16"}},
	} {
		d := build(pilot.Record{Results: c.results})
		var x []string
		for _, curve := range english.buildCurves(d.Results.Tasks[0], d.Results.Headlines) {
			for _, tick := range curve.X {
				x = append(x, tick.Label)
			}
		}
		if !reflect.DeepEqual(x, c.x) {
			t.Errorf("%s: shots on the axis %v, want %v", what, x, c.x)
		}
		write(t, HTML, d)
	}
}

func TestDraws(t *testing.T) {
	var rec pilot.Record
	for draw, v := range []float64{0.9, 0.1, 0.6, 0.4} {
		rec.Results = append(rec.Results, pilot.Result{
			Key: fmt.Sprint("draw", draw+1), Task: pilot.Classification, Method: "logistic", Label: "probe, 1 shot", Site: "a", Shots: 1, Draw: draw + 1,
			Metrics: []pilot.Metric{{Name: "top1", Value: v, N: 10, HasInterval: true, Low: 0, High: 1, Interval: "wilson 95 %"}},
		})
	}
	task := build(rec).Results.Tasks[0]
	if len(task.Rows) != 1 {
		t.Fatalf("%d rows for the draws of one method", len(task.Rows))
	}
	c := task.Rows[0].Cells[0]
	want := Summary{Name: "top1", Mean: 0.5, Min: 0.1, Max: 0.9, SD: math.Sqrt(0.34 / 3), Worst: 0.1, Values: []float64{0.9, 0.1, 0.6, 0.4}, N: 10}
	if sd := c.Metrics[0].SD; math.Abs(sd-want.SD) < 1e-15 {
		want.SD = sd
	}
	if !reflect.DeepEqual(c.Metrics[0], want) || c.Typical != "draw4" {
		t.Errorf("summary %+v, typical %s", c.Metrics[0], c.Typical)
	}
	if got, want := english.spread(c.Metrics[0]), "mean of 4 draws, min–max 10.0–90.0 %"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

func TestWarning(t *testing.T) {
	for status, want := range map[pilot.Status]string{
		pilot.Done: "", pilot.Running: "has not ended", pilot.Failed: "failed. It said: no space left.", pilot.Interrupted: "was interrupted",
	} {
		rec := sample()
		rec.Run.Status = status
		if status == pilot.Failed {
			rec.Run.Message = "no space left"
		}
		for _, format := range []Format{HTML, Markdown} {
			text := write(t, format, build(rec))
			if warned := strings.Contains(text, "What follows is"); warned != (want != "") || !strings.Contains(text, want) {
				t.Errorf("%s of a run that is %s: warned %v, want %q", format, status, warned, want)
			}
		}
	}
}

func TestTitle(t *testing.T) {
	for metric, want := range map[string]string{
		"top1": "top-1 accuracy", "top3": "top-3 accuracy", "topmost": "topmost", "macro_recall": "mean class recall", "nll": "log-loss",
		"text_to_video_r10": "text to video, R@10", "video_to_text_median_rank": "video to text, median rank", "clips_per_hour": "clips per hour",
	} {
		if got := english.title(metric); got != want {
			t.Errorf("%s reads %q, want %q", metric, got, want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	for s, want := range map[string]string{"plans/a.toml": "plans/a.toml", "line 3": "'line 3'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'", "日本": "'日本'"} {
		if got := shellQuote(s); got != want {
			t.Errorf("%q is quoted %s, want %s", s, got, want)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a/report.html": HTML, "R.HTM": HTML, "x.md": Markdown, "x.json": JSON, "x.y.csv": CSV, "x.pdf": "", "html": "", "": ""} {
		got, err := FormatOf(path)
		if got != want || (want == "") != (fault.KindOf(err) == fault.Usage) {
			t.Errorf("format of %q: %q, %v", path, got, err)
		}
	}
	if err := Write(io.Discard, "pdf", Document{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("wrote a PDF: %v", err)
	}
}

func TestWriteFile(t *testing.T) {
	d := build(sample())
	path := filepath.Join(t.TempDir(), "report.md")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, d); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != write(t, Markdown, d) {
		t.Errorf("the file is not the report: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if err := WriteFile(filepath.Join(path, "no", "report.md"), d); fault.KindOf(err) != fault.Missing {
		t.Errorf("wrote below a file: %v", err)
	}
	if err := WriteFile(filepath.Join(t.TempDir(), "report"), d); fault.KindOf(err) != fault.Usage {
		t.Errorf("wrote a file of no format: %v", err)
	}
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

// An error of the disk is never swallowed, in any format, wherever it strikes.
func TestWriteErrors(t *testing.T) {
	d := build(sample())
	for _, format := range formats {
		whole := len(write(t, format, d))
		for _, room := range []int{0, whole / 2, whole - 1} {
			if err := Write(&fullDisk{room}, format, d); err == nil || !strings.Contains(err.Error(), "disk full") {
				t.Errorf("%s on a disk with %d of %d bytes: %v", format, room, whole, err)
			}
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	rec := sample()
	for b.Loop() {
		if err := Write(io.Discard, HTML, build(rec)); err != nil {
			b.Fatal(err)
		}
	}
}

// A look beyond those agreed on is said where nobody can miss it.
func TestLooksBeyondThoseAgreed(t *testing.T) {
	rec := sample()
	for i := range rec.Results {
		if rec.Results[i].Site == "night" {
			rec.Results[i].Look, rec.Results[i].Agreed = 12, 5
		}
	}
	d := build(rec)
	want := "night: look 12 at a test agreed for 5: treat as exploratory"
	if text := Terminal(d); !strings.Contains(text, want) || !strings.Contains(text, "day: look 1 at a test agreed for 1") {
		t.Errorf("the terminal says\n%s", text)
	}
	if p := layout(d); p.Warning != want+"." {
		t.Errorf("the page warns %q", p.Warning)
	}
	if d := build(sample()); layout(d).Warning != "" {
		t.Error("a warning of the first look")
	}
	rec = sample()
	for i := range rec.Results {
		rec.Results[i].Look = 0
	}
	if strings.Contains(Terminal(build(rec)), "look") {
		t.Error("looks that nobody counted are told of")
	}
}

// Names that are not ASCII need the mark by which spreadsheets know UTF-8, in
// a report in English too.
func TestCSVIsMarkedForSpreadsheets(t *testing.T) {
	plain := Document{Source: Source{Language: lang.English}, Results: Results{Pilot: "belt"}}
	named := Document{Source: plain.Source, Results: Results{Pilot: "倉庫", Measurements: []Measurement{{Metrics: []Metric{{Name: "top1"}}}}}}
	for want, d := range map[bool]Document{false: plain, true: named} {
		if text := write(t, CSV, d); strings.HasPrefix(text, "\ufeff") != want {
			t.Errorf("%.20q begins with a byte order mark: %v, want %v", text, !want, want)
		}
	}
}
