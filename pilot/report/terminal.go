package report

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Terminal returns the tables of results as plain text, one line a method, each
// site's primary metric beside it.
func Terminal(d Document) string {
	var b strings.Builder
	var kinds []string // of the intervals shown
	draws := false     // whether a range over draws is shown
	for _, t := range d.Results.Tasks {
		tw := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
		fmt.Fprintf(tw, "%s: %s", strings.ToUpper(t.Name), title(t.Primary()))
		for _, s := range t.Sites {
			fmt.Fprintf(tw, "\t%s", visible(s.Name))
			if s.Clips > 0 {
				fmt.Fprintf(tw, " (%s)", plural(s.Clips, "clip", "clips"))
			}
		}
		fmt.Fprintln(tw)
		for _, r := range t.Rows {
			fmt.Fprint(tw, visible(r.Label))
			if r.Prompts != "" {
				fmt.Fprintf(tw, ", prompts: %s", visible(r.Prompts))
			}
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
	}
	for _, line := range lookLines(d.Results.Looks) {
		fmt.Fprintf(&b, "test labels at %s\n", line)
	}
	slices.Sort(kinds)
	if kinds = slices.Compact(kinds); len(kinds) > 0 {
		fmt.Fprintf(&b, "[ ] interval of one result: %s\n", strings.Join(kinds, "; "))
	}
	if draws {
		b.WriteString("( ) mean, lowest and highest of several draws of labelled clips\n")
	}
	return b.String()
}

func terminalCell(c Cell) string {
	if c.Draws == 0 {
		return "-"
	}
	s := c.Metrics[0]
	switch {
	case few(s.N, s.Unit):
		return s.short()
	case len(s.Values) > 1:
		return fmt.Sprintf("%s (%s)", s.short(), span(s.Min, s.Max, s.Unit))
	case s.Interval != nil:
		return fmt.Sprintf("%s [%s]", s.short(), span(s.Interval.Low, s.Interval.High, s.Unit))
	}
	return s.short()
}
