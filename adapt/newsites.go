package adapt

import (
	"fmt"
	"slices"

	"framepilot/internal/words"
	"framepilot/probe"
)

// newSites lists the sites that nothing is learned from, in order. It can be
// asked before splits are drawn.
func (d *Data) newSites(p Plan) (sites []string) {
	learned := map[string]bool{}
	for _, item := range d.Items {
		if item.Label != "" && (item.Split == "" || item.Split == Train) && (len(p.Split.Train) == 0 || slices.Contains(p.Split.Train, item.Site)) {
			learned[item.Site] = true
		}
	}
	for _, site := range d.Sites {
		if !learned[site] {
			sites = append(sites, site)
		}
	}
	return sites
}

// goesTo says whether the method is for that new site.
func (m Method) goesTo(site string) bool {
	return len(m.Target) == 0 || slices.Contains(m.Target, site)
}

// checkTargets holds the sites a method is to go to against the data.
func (d *Data) checkTargets(found *problems, key string, p Plan, m Method) {
	sites := d.newSites(p)
	if d.Multi {
		found.add(key+".name", "%s takes clips of one class each, and these are of several at once", m.Name)
	}
	if len(sites) == 0 {
		found.add(key+".name", `%s is for a site that nothing is learned from, and there is none; name the others under split.train, or say labels = "none" of it`, m.Name)
		return
	}
	for _, site := range m.Target {
		switch {
		case !slices.Contains(d.Sites, site):
			found.add(key+".target", "%s", words.NoSuch("site", site, d.Sites))
		case !slices.Contains(sites, site):
			found.add(key+".target", `clips of %q are learned from, and a new site is one that nothing is learned from; leave it out of split.train, or say labels = "none" of it`, site)
		}
	}
	for _, site := range sites {
		if n := len(d.rows(func(item Item) bool { return item.Site == site })); m.goesTo(site) && n < 2 {
			found.add(key+".target", "site %q has %s; it takes two", site, words.Counted(n, "clip"))
		}
	}
}

// apartAtLeast is how many clips of other recordings than those tested on are
// enough to know a site by.
const apartAtLeast = 20

// unseen are the clips of every new site that a method may look at, without
// labels. A score is to be of clips a method has not seen, so none is of a
// recording that is tested on where there are enough others.
func (d *Data) unseen(p Plan, f probe.Features) (sites []newSite) {
	for _, name := range d.newSites(p) {
		tested := map[string]bool{}
		for _, r := range d.labelled(d.testRows(name)) {
			tested[d.Items[r].Group] = true
		}
		site := newSite{name: name, apart: true}
		rows := d.rows(func(item Item) bool { return item.Site == name && !tested[item.Group] })
		if len(rows) < apartAtLeast && len(tested) > 0 {
			site.apart = false
			rows = d.rows(func(item Item) bool { return item.Site == name })
		}
		if len(rows) < 2 {
			continue // the others can't be read
		}
		site.clips = f.Take(rows)
		site.clips.Labels, site.clips.Truth = nil, nil
		sites = append(sites, site)
	}
	return sites
}

// words says how many clips they are, and whether some are tested on.
func (s newSite) words() string {
	if s.apart {
		return words.Count(s.clips.Len(), "clip")
	}
	return fmt.Sprintf("%s, those tested on among them", words.Counted(s.clips.Len(), "clip"))
}
