package adapt

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"framepilot/probe"
)

// drawSplits divides the clips no manifest has split, each site for itself,
// whole recordings at a time; a list is divided alike whatever a plan calls the
// site. Then it carves the validation part the plan asks
// for out of what is for training, wherever that came from.
func (d *Data) drawSplits(p Plan) error {
	for _, site := range d.Sites {
		rows := d.rows(func(item Item) bool { return item.Site == site && item.Split == "" })
		for _, r := range rows {
			d.Items[r].Split = Test
		}
		test, err := d.holdOut(rows, p.Split.TestShare, p.rng("split", d.place(site)))
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
		val, err := d.holdOut(rows, p.Split.ValShare, p.rng("validation", d.place(site)))
		if err != nil {
			return fmt.Errorf("site %s: carve the validation part out of train: %w", site, err)
		}
		for _, r := range val {
			d.Items[r].Split = Val
		}
	}
	return nil
}

// place is what a site is called in the data: the folder, or the name in the
// list; "" where the list knows of no sites.
func (d *Data) place(site string) string {
	for _, item := range d.Items {
		if item.Site == site {
			return item.place
		}
	}
	return ""
}

// places are those of all sites, each once, sorted.
func (d *Data) places() []string {
	var names []string
	for _, site := range d.Sites {
		names = append(names, d.place(site))
	}
	slices.Sort(names)
	return slices.Compact(names)
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

// learnsFrom tells whether a site is one that methods learn from.
func (p Plan) learnsFrom(site string) bool {
	return len(p.Split.Train) == 0 || slices.Contains(p.Split.Train, site)
}

// trainRows returns the rows a method may learn from: labelled clips on the
// train side of the sites the plan names.
func (d *Data) trainRows(p Plan) []int {
	return d.rows(func(item Item) bool {
		return item.Split == Train && item.Label != "" && p.learnsFrom(item.Site)
	})
}

// validationRows returns the clips to choose settings on: labelled clips of
// the data's own validation split, at the sites learned from.
func (d *Data) validationRows(p Plan) []int {
	return d.rows(func(item Item) bool {
		return item.Split == Val && item.Label != "" && p.learnsFrom(item.Site)
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
