package pilot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"framepilot/internal/fault"
)

// Changes is what differs between two runs: in what their numbers follow from,
// and in the numbers.
type Changes struct {
	Before RunName `json:"before"`
	After  RunName `json:"after"`

	Made  []Change      `json:"made"`  // what results depend on
	Plan  []Change      `json:"plan"`  // lines of the plan, by the table they stand in
	Clips []ClipsChange `json:"clips"` // of sites whose list of clips differs
	Same  []string      `json:"same"`  // parts of Made, and "data", in which nothing differs
	// Unnamed says that the results depend on something that differs and the
	// ledger has no name for: the contents of clips, or how the program computes.
	Unnamed bool `json:"unnamed"`

	Rows    []RowChange `json:"rows"`    // measured in both, in the order of After
	Dropped []string    `json:"dropped"` // rows of Before alone, with their site
	Added   []string    `json:"added"`   // rows of After alone
}

// RunName tells runs apart.
type RunName struct {
	Run     string    `json:"run"`
	Status  Status    `json:"status"`
	Started time.Time `json:"started"`
}

// The parts of what results depend on.
const (
	PartModel   = "model"   // weights, tokenizer, precision
	PartFrames  = "frames"  // how clips are sampled and resized
	PartSplit   = "split"   // how clips are divided
	PartSeed    = "seed"    // of every draw
	PartMachine = "machine" // moves last digits only
	PartProgram = "program" // versions: should change nothing
	PartData    = "data"    // clips, labels, recordings
)

// Change is one value that differs. Either may be empty: there was none.
type Change struct {
	Part   string `json:"part"` // one of the parts; of a plan's line its table
	Name   string `json:"name,omitempty"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ShortHash is a value as people can tell it from others: of a hash its
// beginning.
func ShortHash(value string) string {
	if len(value) > 24 && strings.Trim(value, "0123456789abcdef") == "" {
		return value[:12] + "…"
	}
	return value
}

// partOf says which part a parameter of a run belongs to; one that is not
// listed belongs to the model. A part without a name is not shown: it is a hash
// of others.
var partOf = map[string]string{
	"recipe": PartFrames, "frames": PartFrames, "frame_size": PartFrames, "patches": PartFrames, "keep_patches": PartFrames,
	"train_sites": PartSplit, "test_share": PartSplit,
	"device": PartMachine, "kernel": PartMachine, "processor": PartMachine,
	"features": "",
}

// ClipsChange is what became of the clips of a site.
type ClipsChange struct {
	Site       string `json:"site"`
	Before     int    `json:"before"`
	After      int    `json:"after"`
	Added      int    `json:"added"`
	Removed    int    `json:"removed"`
	Relabelled int    `json:"relabelled"` // of another class now
	Moved      int    `json:"moved"`      // on the other side of the split now
	Regrouped  int    `json:"regrouped"`  // of another recording now
}

// Compare says what differs between two runs. The numbers of rows both have are
// compared clip by clip on the clips both were tested on, draw by draw.
func Compare(before, after Record) (Changes, error) {
	c := Changes{
		Before: nameOf(before.Run), After: nameOf(after.Run), Made: compareMade(before.Run, after.Run),
		Plan: compareLines(before.Run.PlanText, after.Run.PlanText), Clips: compareClips(before.Clips, after.Clips),
		Same: []string{}, Rows: []RowChange{}, Dropped: []string{}, Added: []string{},
	}
	for _, part := range []string{PartModel, PartFrames, PartSplit, PartSeed} {
		if !slices.ContainsFunc(c.Made, func(x Change) bool { return x.Part == part }) {
			c.Same = append(c.Same, part)
		}
	}
	c.Unnamed = before.Run.Key != after.Run.Key && len(c.Clips)+len(c.Plan) == 0 &&
		!slices.ContainsFunc(c.Made, func(x Change) bool { return x.Part != PartProgram })
	if len(c.Clips) == 0 && !c.Unnamed {
		c.Same = append(c.Same, PartData)
	}
	return c, c.compareRows(before, after)
}

func nameOf(r Run) RunName { return RunName{r.ID, r.Status, r.Started} }

// compareMade lists parameters, versions and seeds that differ, by part.
func compareMade(before, after Run) []Change {
	list := []Change{}
	add := func(part, name, from, to string) {
		if from != to && part != "" {
			list = append(list, Change{part, name, from, to})
		}
	}
	for _, name := range bothKeys(before.Params, after.Params) {
		part, known := partOf[name]
		if !known {
			part = PartModel
		}
		add(part, name, before.Params[name], after.Params[name])
	}
	add(PartSeed, "", strconv.FormatUint(before.Seed, 10), strconv.FormatUint(after.Seed, 10))
	for _, name := range bothKeys(before.Environment, after.Environment) {
		if name != ClipsPerHourKey { // is measured, not set
			add(PartProgram, name, before.Environment[name], after.Environment[name])
		}
	}
	order := []string{PartModel, PartFrames, PartSplit, PartSeed, PartMachine, PartProgram}
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(slices.Index(order, a.Part), slices.Index(order, b.Part)) })
	return list
}

// bothKeys are the keys of two maps, each once, sorted.
func bothKeys(a, b map[string]string) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// compareClips counts what became of the clips of each site.
func compareClips(before, after []Clip) []ClipsChange {
	type key struct{ site, id string }
	was := make(map[key]Clip, len(before))
	sites := map[string]*ClipsChange{}
	at := func(site string) *ClipsChange {
		if sites[site] == nil {
			sites[site] = &ClipsChange{Site: site}
		}
		return sites[site]
	}
	for _, c := range before {
		was[key{c.Site, c.ID}] = c
		at(c.Site).Before++
	}
	for _, c := range after {
		s := at(c.Site)
		s.After++
		old, ok := was[key{c.Site, c.ID}]
		if !ok {
			s.Added++
			continue
		}
		if old.Class != c.Class {
			s.Relabelled++
		}
		if old.Split != c.Split {
			s.Moved++
		}
		if old.Recording != c.Recording {
			s.Regrouped++
		}
	}
	list := []ClipsChange{}
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		s := *sites[site]
		if s.Removed = s.Before - (s.After - s.Added); s != (ClipsChange{Site: s.Site, Before: s.Before, After: s.Before}) {
			list = append(list, s)
		}
	}
	return list
}

// Changes compares two runs by their ids, or the beginning of them. Without
// after it is the run that was done last, without before the one that was done
// before it.
func (l *Ledger) Changes(ctx context.Context, before, after string) (Changes, error) {
	runs, err := l.Runs(ctx)
	if err != nil {
		return Changes{}, err
	}
	if after == "" {
		i := slices.IndexFunc(runs, func(r Run) bool { return r.Status == Done })
		if i < 0 {
			return Changes{}, fault.New(fault.Missing, "run the plan first: framepilot run plan.toml", "no run is done yet: %w", ErrNoRun)
		}
		after = runs[i].ID
	}
	rec, err := l.Load(ctx, after)
	if err != nil {
		return Changes{}, err
	}
	c, err := l.Since(ctx, rec, before)
	if err == nil && c == nil {
		return Changes{}, fault.New(fault.Missing, "change the plan or the data, run it again, then compare", "no run was done before %s: %w", rec.Run.ID, ErrNoRun)
	}
	if err != nil {
		return Changes{}, err
	}
	return *c, nil
}

// Since compares a run with the run before, or with the one of its pilot that
// was done last before it was begun; nil where there is none.
func (l *Ledger) Since(ctx context.Context, after Record, before string) (*Changes, error) {
	if before == "" {
		runs, err := l.Runs(ctx) // begun last first
		if err != nil {
			return nil, err
		}
		begun := slices.IndexFunc(runs, func(r Run) bool { return r.ID == after.Run.ID })
		i := slices.IndexFunc(runs[begun+1:], func(r Run) bool { return r.Status == Done && r.Pilot == after.Run.Pilot })
		if i < 0 {
			return nil, nil
		}
		before = runs[begun+1+i].ID
	}
	rec, err := l.Load(ctx, before)
	if err != nil {
		return nil, err
	}
	if rec.Run.ID == after.Run.ID {
		return nil, fault.New(fault.Usage, "name two runs; framepilot runs lists them", "run %s is compared with itself", rec.Run.ID)
	}
	c, err := Compare(rec, after)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", rec.Run.ID, after.Run.ID, err)
	}
	return &c, nil
}
