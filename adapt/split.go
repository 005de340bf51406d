package adapt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"framepilot/internal/fault"
	"framepilot/probe"
)

// drawSplits divides the clips no manifest has split, each site for itself,
// whole recordings at a time; then carves the validation part the plan asks
// for out of what is for training, wherever that came from.
func (d *Data) drawSplits(p Plan) error {
	for _, site := range d.Sites {
		rows := d.rows(func(item Item) bool { return item.Site == site && item.Split == "" })
		for _, r := range rows {
			d.Items[r].Split = Test
		}
		test, err := d.holdOut(rows, p.Split.TestShare, p.rng("split", site))
		if err != nil {
			return fmt.Errorf("site %s: %w", site, err)
		}
		if len(test) == 0 {
			continue // nothing to learn from: captioned clips are for retrieval
		}
		for _, r := range rows {
			d.Items[r].Split = Train
		}
		for _, r := range test {
			d.Items[r].Split = Test
		}
	}
	if p.Split.ValShare == 0 {
		return nil
	}
	for _, site := range d.Sites {
		rows := d.rows(func(item Item) bool { return item.Site == site && item.Split == Train })
		val, err := d.holdOut(rows, p.Split.ValShare, p.rng("validation", site))
		if err != nil {
			return fmt.Errorf("site %s: carve the validation part out of train: %w", site, err)
		}
		for _, r := range val {
			d.Items[r].Split = Val
		}
	}
	return nil
}

// holdOut draws about a share of the clips of each class, whole recordings at
// a time; none where no clip has a label.
func (d *Data) holdOut(rows []int, share float64, rng *rand.Rand) (held []int, err error) {
	part := d.pick(rows)
	if !slices.ContainsFunc(part.Items, func(item Item) bool { return item.Label != "" }) {
		return nil, nil
	}
	groups := make([]string, len(rows))
	for i, item := range part.Items {
		groups[i] = item.Group
	}
	if !d.Multi {
		_, out, err := probe.SplitByGroup(part.labels(), groups, share, rng)
		for _, i := range out {
			held = append(held, rows[i])
		}
		return held, err
	}
	parts, err := probe.Stratify(part.truth(), groups, []float64{1 - share, share}, rng)
	for i, p := range parts {
		if p == 1 {
			held = append(held, rows[i])
		}
	}
	return held, err
}

// checkLeaks refuses data in which a recording is in two of train, val and
// test: the score, or the choice of settings, would be of memory, not of skill.
func checkLeaks(items []Item) error {
	first := map[string]Item{} // recording → its first clip in any split
	leaks := map[string]string{}
	for _, item := range items {
		if item.Split == "" {
			continue
		}
		other, ok := first[item.Group]
		if !ok {
			first[item.Group] = item
		} else if other.Split != item.Split && leaks[item.Group] == "" {
			leaks[item.Group] = fmt.Sprintf("%s: %s is %s (%s), %s is %s (%s)",
				item.Group, other.ID, other.Split, other.source, item.ID, item.Split, item.source)
		}
	}
	if len(leaks) == 0 {
		return nil
	}
	var lines []string
	for _, group := range sortedKeys(leaks) {
		lines = append(lines, leaks[group])
	}
	return fault.New(fault.Input, "give all clips of a recording the same split; if these are different recordings, give them different group names",
		"%s in two of train, val and test:\n  %s", count(len(leaks), "recording"), firstFew(lines, 10, "\n  "))
}

// trainRows returns the rows a method may learn from: labelled clips on the
// train side of the sites the plan names.
func (d *Data) trainRows(p Plan) []int {
	return d.rows(func(item Item) bool {
		return item.Split == Train && item.Label != "" && (len(p.Split.Train) == 0 || slices.Contains(p.Split.Train, item.Site))
	})
}

// validationRows returns the clips to choose settings on: labelled clips of
// the data's own validation split, at the sites learned from.
func (d *Data) validationRows(p Plan) []int {
	return d.rows(func(item Item) bool {
		return item.Split == Val && item.Label != "" && (len(p.Split.Train) == 0 || slices.Contains(p.Split.Train, item.Site))
	})
}

// testRows returns the test clips of a site.
func (d *Data) testRows(site string) []int {
	return d.rows(func(item Item) bool { return item.Split == Test && item.Site == site })
}

func (d *Data) rows(want func(Item) bool) []int {
	var rows []int
	for i, item := range d.Items {
		if want(item) {
			rows = append(rows, i)
		}
	}
	return rows
}

// pick returns the data of the given items only.
func (d Data) pick(rows []int) Data {
	items := make([]Item, len(rows))
	for i, r := range rows {
		items[i] = d.Items[r]
	}
	d.Items = items
	return d
}

// trainCounts counts the training clips of each class.
func (d *Data) trainCounts(p Plan) []int {
	have := make([]int, len(d.Classes))
	truth := d.truth()
	for _, r := range d.trainRows(p) {
		for _, c := range truth[r] {
			have[c]++
		}
	}
	return have
}

// checkShots refuses a plan that asks for more labelled clips a class than
// there are: a smaller training set under the same name would be a lie.
func (d *Data) checkShots(p Plan) error {
	from := "all sites"
	if len(p.Split.Train) > 0 {
		from = "site " + strings.Join(p.Split.Train, ", ")
	}
	have := d.trainCounts(p)
	var short []string
	for _, m := range p.Methods {
		if len(m.Shots) == 0 {
			continue
		}
		if filled := len(have) - countZeros(have); filled < 2 {
			return fault.New(fault.Input, "label training clips of two classes, or train on more sites",
				"%s has training clips (%s); %s needs two classes", count(filled, "class"), from, m.Name)
		}
		most := slices.Max(m.Shots)
		for c, n := range have {
			line := fmt.Sprintf("class %q has %s, %s with %d shots needs %d", d.Classes[c], count(n, "training clip"), m.Name, most, most)
			if n < most && !slices.Contains(short, line) {
				short = append(short, line)
			}
		}
	}
	if len(short) == 0 {
		return nil
	}
	return fault.New(fault.Input, "label more clips of these classes, or ask for fewer shots",
		"too few training clips (%s):\n  %s", from, firstFew(short, 20, "\n  "))
}

// untrained warns of classes that no method can learn, and of sites that can't
// be scored.
func (d *Data) untrained(p Plan) []string {
	var warnings []string
	learns := slices.ContainsFunc(p.Methods, func(m Method) bool { return len(m.Shots) > 0 })
	for c, n := range d.trainCounts(p) {
		if n == 0 && learns {
			warnings = append(warnings, fmt.Sprintf("class %q has no training clips: methods that learn will never name it", d.Classes[c]))
		}
	}
	for _, site := range d.Sites {
		if len(p.Methods) > 0 && len(d.labelled(d.testRows(site))) == 0 {
			warnings = append(warnings, fmt.Sprintf("site %s has no labelled test clips: nothing is scored there", site))
		}
	}
	return warnings
}

// labelled returns those of rows whose class is known.
func (d *Data) labelled(rows []int) []int {
	var out []int
	for _, r := range rows {
		if d.Items[r].Label != "" {
			out = append(out, r)
		}
	}
	return out
}

func countZeros(x []int) (n int) {
	for _, v := range x {
		if v == 0 {
			n++
		}
	}
	return n
}
