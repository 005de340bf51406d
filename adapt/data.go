package adapt

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/internal/tomllines"
	"framepilot/internal/words"
	"framepilot/model/video"
	"framepilot/probe"
)

// Data is every clip of a plan, with recordings and splits settled.
type Data struct {
	Items   []Item   // sources in plan order, clips in theirs; IDs are unique
	Classes []string // in natural order
	Sites   []string // in plan order, then as a manifest names them
	Multi   bool     // a clip may be of several classes, or of none
	// Unlabelled are the sites, in the order of Sites, whose clips the plan says
	// have no labels.
	Unlabelled []string
	Read       []Account
	Warnings   []words.Sentence // what a person should know before trusting the numbers
	Findings   []Finding
	Named      []Item // Items before any were left out by limits.exclude
}

// ReadData reads the manifests and folders of a plan. It opens no video. Its
// errors are fault.Input where the data is wrong and fault.Config where the
// plan asks for something the data does not have.
func ReadData(p Plan) (Data, error) {
	d, err := readData(p)
	if err == nil {
		err = refusal(d.Findings)
	}
	if err != nil {
		return Data{}, err
	}
	return d, nil
}

// readData is ReadData that leaves findings which are errors to the caller.
func readData(p Plan) (Data, error) {
	var d Data
	var declared []Item // clips whose manifest names their recording and their split
	for _, s := range p.Data {
		items, hasSplit, err := d.readSource(p, s)
		if err != nil {
			return Data{}, err
		}
		for _, item := range items {
			if hasSplit && item.Group != "" {
				declared = append(declared, item)
			}
		}
		if err := settleGroups(items, s); err != nil {
			return Data{}, err
		}
		for i := range items {
			items[i].listed = items[i].Split
		}
		d.Items = append(d.Items, items...)
		for _, item := range items {
			if s.Labels == noLabels && len(p.Methods) > 0 && !slices.Contains(d.Unlabelled, item.Site) {
				d.Unlabelled = append(d.Unlabelled, item.Site)
			}
		}
	}
	// Two tables may hold the two parts of one site's recordings under two
	// names, so recordings named by hand are compared across all of them.
	d.Findings = leaks(declared)
	if err := d.checkUnique(); err != nil {
		return Data{}, err
	}
	d.collect()
	if err := d.checkConfirmed(); err != nil {
		return Data{}, err
	}
	if err := d.checkPlan(p); err != nil {
		return Data{}, err
	}
	if err := d.drawSplits(p); err != nil {
		return Data{}, err
	}
	for _, f := range d.findings(p) {
		if !slices.ContainsFunc(d.Findings, func(o Finding) bool { return o.Severity == SeverityError && o.Check == f.Check }) {
			d.Findings = append(d.Findings, f)
		}
	}
	d.Named = d.Items
	if p.Limits.Exclude != "" { // last, so that leaving a clip out moves no other
		return d.exclude(p.Resolve(p.Limits.Exclude))
	}
	return d, nil
}

// readSource reads one [data] table; its items' groups are as written there.
func (d *Data) readSource(p Plan, s Source) (items []Item, hasSplit bool, err error) {
	if s.Labels == noLabels {
		return d.readUnlabelled(p, s)
	}
	if s.Manifest != "" {
		file := p.Resolve(s.Manifest)
		root := file
		if !isDir(file) {
			root = filepath.Dir(file)
		}
		if s.Root != "" {
			root = p.Resolve(s.Root)
		}
		items, read, err := readManifest(s, file, root, p.Dir())
		if err != nil {
			return nil, false, err
		}
		for _, w := range read.Warnings {
			d.Warnings = append(d.Warnings, words.Say("%s: %s", s.Manifest, w))
		}
		d.Multi = d.Multi || read.Multi
		d.Read = append(d.Read, account(s, read, items))
		return items, read.HasSplit, nil
	}
	items, warnings, err := readFolders(p.Resolve(s.Folders), p.Dir(), s.Name)
	d.Warnings = append(d.Warnings, warnings...)
	for i := range items {
		items[i].place = path.Base(filepath.ToSlash(s.Folders))
	}
	if err == nil && s.Captions != "" {
		err = addCaptions(p.Resolve(s.Captions), items)
	}
	return items, false, err
}

// settleGroups gives each clip its recording: the group column, else what the
// pattern captures of its path, else the source file, so that time ranges of
// one file stay together. Names from columns and patterns count within a site.
func settleGroups(items []Item, s Source) error {
	var pattern *regexp.Regexp
	if s.GroupBy != "" {
		pattern = regexp.MustCompile(s.GroupBy) // checked with the plan
	}
	var without []string
	for i := range items {
		item := &items[i]
		file := item.file()
		switch {
		case item.Group != "":
			item.Group = item.Site + "/" + item.Group
		case pattern == nil:
			item.Group = file
		default:
			m := pattern.FindStringSubmatch(file)
			if m == nil || m[1] == "" {
				without = append(without, file)
				continue
			}
			item.Group = item.Site + "/" + m[1]
		}
	}
	if len(without) > 0 {
		return fault.New(fault.Config, "the pattern is matched against the path relative to the plan, with slashes",
			"plan: data.%s.group_by: %q finds no recording in %s of %d:\n  %s",
			s.Name, s.GroupBy, words.Counted(len(without), "path"), len(items), words.FirstFew(without, 5, "\n  "))
	}
	return nil
}

// checkUnique refuses a clip that two sources name.
func (d *Data) checkUnique() error {
	first := map[string]Item{}
	for _, item := range d.Items {
		if other, ok := first[item.ID]; ok {
			return fault.New(fault.Input, "name each clip in one [data] table only", "%s and %s name the same clip %s", other.source, item.source, item.ID)
		}
		first[item.ID] = item
	}
	return nil
}

// collect fills Classes and Sites and warns of what looks like a slip.
func (d *Data) collect() {
	classes := map[string]bool{}
	val := 0
	for _, item := range d.Items {
		for _, label := range item.Labels {
			classes[label] = true
		}
		if !slices.Contains(d.Sites, item.Site) {
			d.Sites = append(d.Sites, item.Site)
		}
		if item.Split == Val {
			val++
		}
	}
	d.Classes = sortedKeys(classes)
	slices.SortFunc(d.Classes, video.NaturalCompare)
	if val > 0 {
		d.Warnings = append(d.Warnings, words.Say("%s marked val, used to choose settings (rung L3), neither to learn from nor to test on", words.Counted(val, "clip")))
	}
}

// checkPlan holds what the plan asks for against what there is.
func (d *Data) checkPlan(p Plan) error {
	found := &problems{file: p.File, lines: tomllines.Find(p.Text)}
	for _, site := range p.Split.Train {
		if !slices.Contains(d.Sites, site) {
			found.add("split.train", "%s", words.NoSuch("site", site, d.Sites))
		}
	}
	for _, set := range p.Prompts {
		for _, class := range sortedKeys(set.Classes) {
			if !slices.Contains(d.Classes, lists.CleanLabel(class)) {
				found.add("prompts."+set.Name+".classes."+class, "%s", words.NoSuch("class", class, d.Classes))
			}
		}
	}
	for i, m := range p.Methods {
		only, too := m.multi()
		if m.forSite() {
			d.checkTargets(found, fmt.Sprintf("method[%d]", i+1), p, m)
		} else if d.Multi && m.Name != ZeroShot && m.readsWords() && !only && !too {
			found.add(fmt.Sprintf("method[%d].name", i+1), "%s weighs the words of one class against another, and these clips are of several at once; take auto, sigmoid, zero-shot, or a method that learns from clips alone", m.Name)
		} else if !d.Multi && only {
			found.add(fmt.Sprintf("method[%d].name", i+1), "%s is for clips that may be of several classes, and these are of one each; take clap, or write the labels into a column labels", m.Name)
		}
	}
	if len(p.Methods) > 0 && len(d.Classes) < 2 {
		found.add("data", "the clips have %s; telling classes apart needs two: a folder of its own for each, or its label in the list", words.Counted(len(d.Classes), "label"))
	}
	return found.err()
}

// labels returns the items' labels as indices into Classes.
func (d *Data) labels() []int {
	out := make([]int, len(d.Items))
	for i, list := range d.truth() {
		out[i] = probe.Unlabelled
		if len(list) > 0 {
			out[i] = list[0]
		}
	}
	return out
}

// truth returns the classes of each item as indices into Classes.
func (d *Data) truth() [][]int { return truthOf(d.Items, d.Classes) }

func truthOf(items []Item, classes []string) [][]int {
	index := map[string]int{}
	for i, c := range classes {
		index[c] = i
	}
	out := make([][]int, len(items))
	for i, item := range items {
		for _, label := range item.Labels {
			if c, known := index[label]; known {
				out[i] = append(out[i], c)
			}
		}
	}
	return out
}
