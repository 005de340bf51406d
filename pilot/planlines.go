package pilot

import (
	"slices"
	"strings"
)

// compareLines lists the lines of two plans that differ, by the table they
// stand in: a difference of texts, which reads no plan. Comments on their own
// line, spaces and the order of lines in a table do not count. A table of a list goes by its
// name, where it has one.
func compareLines(before, after string) []Change {
	was, is := planTables(before), planTables(after)
	list := []Change{}
	for _, t := range was {
		list = append(list, pairLines(t.head, t.lines, linesOf(is, t.head))...)
	}
	for _, t := range is {
		if linesOf(was, t.head) == nil {
			list = append(list, pairLines(t.head, nil, t.lines)...)
		}
	}
	return list
}

// planTable is a table of a plan and its lines.
type planTable struct {
	head  string // "[model]", "[[method]] logistic"; "" above the first
	lines []string
}

func linesOf(all []planTable, head string) []string {
	for _, t := range all {
		if t.head == head {
			return t.lines
		}
	}
	return nil
}

// planTables cuts a plan at its headings; a table without lines has its
// heading for one. Tables of one name become one.
func planTables(text string) []planTable {
	var all []planTable
	t := planTable{}
	end := func() {
		if len(t.lines) == 0 && t.head != "" {
			t.lines = []string{t.head}
		}
		if i := slices.IndexFunc(all, func(o planTable) bool { return o.head == t.head }); i >= 0 {
			all[i].lines = append(all[i].lines, t.lines...)
		} else if len(t.lines) > 0 {
			all = append(all, t)
		}
	}
	for line := range strings.Lines(text) {
		line = strings.Join(strings.Fields(line), " ") // people align what they write
		if head, ok := heading(line); ok {
			end()
			t = planTable{head: head}
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, ok := strings.CutPrefix(strings.ReplaceAll(line, " ", ""), "name="); ok && strings.HasSuffix(t.head, "]]") {
			name, _, _ = strings.Cut(name, "#")
			t.head += " " + strings.Trim(name, `"'`)
		}
		t.lines = append(t.lines, line)
	}
	end()
	return all
}

// heading reads "[table]" and "[[list]]"; the lines of an array over several
// lines, as ["a", "b"], are none.
func heading(line string) (head string, ok bool) {
	head, _, _ = strings.Cut(line, "#")
	head = strings.TrimSpace(head)
	inner := strings.TrimSuffix(strings.TrimPrefix(head, "["), "]")
	inner = strings.TrimSuffix(strings.TrimPrefix(inner, "["), "]")
	return head, strings.HasPrefix(head, "[") && strings.HasSuffix(head, "]") && inner != "" && !strings.ContainsAny(inner, "[],= ")
}

// pairLines sets lines that are on one side only beside each other where they
// give the same key another value.
func pairLines(head string, before, after []string) (list []Change) {
	gone, come := without(before, after), without(after, before)
	for _, line := range gone {
		c := Change{Part: head, Before: line}
		if key, _, ok := strings.Cut(line, "="); ok {
			if i := slices.IndexFunc(come, func(other string) bool { return strings.HasPrefix(other, key+"=") }); i >= 0 {
				c.After = come[i]
				come = slices.Delete(come, i, i+1)
			}
		}
		list = append(list, c)
	}
	for _, line := range come {
		list = append(list, Change{Part: head, After: line})
	}
	return list
}

// without are the lines that others do not hold; a line that stands twice must
// be there twice.
func without(lines, others []string) (rest []string) {
	left := slices.Clone(others)
	for _, line := range lines {
		if i := slices.Index(left, line); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		rest = append(rest, line)
	}
	return rest
}
