package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"framepilot/internal/lang"
	"framepilot/pilot"
)

// Terminal returns the tables of results as plain text, one line a method, each
// site's primary metric beside it.
func Terminal(d Document) string {
	w := english
	var b strings.Builder
	var kinds []string // of the intervals shown
	draws := false     // whether a range over draws is shown
	for _, t := range d.Results.Tasks {
		tw := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		fmt.Fprintf(tw, "%s: %s", strings.ToUpper(t.Name), w.title(t.Primary()))
		for _, s := range t.Sites {
			fmt.Fprintf(tw, "\t%s", visible(s.Name))
			if s.Clips > 0 {
				fmt.Fprintf(tw, " (%s)", w.count(s.Clips, "clips"))
			}
		}
		fmt.Fprintln(tw)
		for _, r := range t.Rows {
			fmt.Fprint(tw, terminalLabel(r))
			for _, c := range r.Cells {
				fmt.Fprintf(tw, "\t%s", terminalCell(c))
				if c.Draws == 1 && c.Metrics[0].Interval != nil {
					kinds = append(kinds, c.Metrics[0].Interval.Kind)
				}
				draws = draws || c.Draws > 1
			}
			fmt.Fprintln(tw)
		}
		tw.Flush()
		b.WriteByte('\n')
		if t.Name == pilot.Classification {
			terminalCompared(&b, t, d.Results.Comparisons)
			terminalConfidence(&b, t)
		}
	}
	for _, c := range d.Results.Comparisons {
		for _, h := range d.Results.Headlines {
			if c.Needed > 0 && c.Site == h.Site && (h.Best.Typical == c.Key || h.Best.Method == pilot.ZeroShot && c.Key == runnerUp(d.Results, c.Site)) {
				fmt.Fprintf(&b, "%s: to settle %s against zero-shot you need about %s labelled test clips\n",
					visible(c.Site), visible(c.Label), thousands(c.Needed))
			}
		}
	}
	for _, line := range w.lookLines(d.Results.Looks) {
		fmt.Fprintf(&b, "test labels at %s\n", line)
	}
	b.WriteString(terminalNewSites(lang.English, d.Results.NewSites))
	slices.Sort(kinds)
	if kinds = slices.Compact(kinds); len(kinds) > 0 {
		fmt.Fprintf(&b, "[ ] interval of one result: %s\n", strings.Join(kinds, "; "))
	}
	if draws {
		b.WriteString("( ) mean, lowest and highest of several draws of labelled clips\n")
	}
	if len(d.Results.Comparisons) > 0 {
		test := "McNemar's test"
		if d.Results.Comparisons[0].tagged() {
			test = "a test on the same resamples"
		}
		fmt.Fprintf(&b, "[,] interval of the difference on the same clips, with what it and %s show\n", test)
	}
	if slices.ContainsFunc(d.Results.Tasks, func(t Task) bool { return slices.Contains(t.Metrics, "ece_calibrated") }) {
		b.WriteString("→ with the temperature fitted on held-out training clips\n")
	}
	return b.String()
}

func terminalCell(c Cell) string {
	w := english
	if c.Draws == 0 {
		return "-"
	}
	s := c.Metrics[0]
	switch {
	case few(s.N, s.Unit):
		return w.short(s)
	case len(s.Values) > 1:
		return fmt.Sprintf("%s (%s)", w.short(s), span(s.Min, s.Max, s.Unit))
	case s.Interval != nil:
		return fmt.Sprintf("%s [%s]", w.short(s), span(s.Interval.Low, s.Interval.High, s.Unit))
	}
	return w.short(s)
}

// runnerUp is the key of the highest row with labels at a site: of its draw in
// the middle.
func runnerUp(r Results, site string) string {
	key, best := "", math.Inf(-1)
	for _, c := range r.Comparisons {
		if c.Site == site && c.Method != pilot.ZeroShot && c.Difference > best {
			key, best = c.Key, c.Difference
		}
	}
	return key
}

// terminalCompared is the difference of every row to the highest zero-shot
// row of each site, and what it shows.
func terminalCompared(b *strings.Builder, t Task, all []Comparison) {
	if len(all) == 0 {
		return
	}
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprint(tw, "BESIDE ZERO-SHOT, points")
	for _, s := range t.Sites {
		against := ""
		for _, c := range all {
			if c.Site == s.Name {
				against = strings.TrimSuffix(" ("+visible(c.AgainstPrompts), " (") + ")"
			}
		}
		fmt.Fprintf(tw, "\t%s%s", visible(s.Name), strings.TrimPrefix(against, ")"))
	}
	fmt.Fprintln(tw)
	for _, r := range t.Rows {
		line, measured := terminalLabel(r), false
		for _, s := range t.Sites {
			i := slices.IndexFunc(all, func(c Comparison) bool { return c.of(r, s.Name) })
			if i < 0 {
				line += "\t-"
				continue
			}
			measured = true
			line += fmt.Sprintf("\t[%s,%s] %s", points(all[i].Interval.Low), points(all[i].Interval.High), all[i].Verdict)
		}
		if measured {
			fmt.Fprintln(tw, line)
		}
	}
	tw.Flush()
	b.WriteByte('\n')
}

// terminalConfidence shows the calibration error of the highest row of every
// method, before and after its temperature.
func terminalConfidence(b *strings.Builder, t Task) {
	if !slices.Contains(t.Metrics, "ece") {
		return
	}
	tw := tabwriter.NewWriter(b, 0, 0, 3, ' ', 0)
	fmt.Fprint(tw, "CONFIDENCE: calibration error")
	for _, s := range t.Sites {
		fmt.Fprintf(tw, "\t%s", visible(s.Name))
	}
	fmt.Fprintln(tw)
	for i, r := range t.Rows {
		if i != highest(t, 0, func(o Row) bool { return o.Method == r.Method }) {
			continue
		}
		fmt.Fprint(tw, terminalLabel(r))
		for _, c := range r.Cells {
			before, ok := c.metric("ece")
			after, calibrated := c.metric("ece_calibrated")
			switch {
			case !ok:
				fmt.Fprint(tw, "\t-")
			case !calibrated:
				fmt.Fprintf(tw, "\t%s", english.short(before))
			default:
				fmt.Fprintf(tw, "\t%s → %s", english.short(before), english.short(after))
			}
		}
		fmt.Fprintln(tw)
	}
	tw.Flush()
	b.WriteByte('\n')
}

// terminalLabel names a row.
func terminalLabel(r Row) string {
	if r.Prompts == "" {
		return visible(r.Label)
	}
	return visible(r.Label) + ", prompts: " + visible(r.Prompts)
}
