package pilot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/pilot/gate"
)

// Recipe names a result among those of its run and site: its label, the
// prompts it was asked with, and which draw where it is one of several.
func (r Result) Recipe() string {
	text := r.Label
	if r.Prompts != "" {
		text += ", prompts: " + r.Prompts
	}
	if r.Draw > 0 {
		text += " #" + strconv.Itoa(r.Draw)
	}
	return text
}

// Named is the result of this name among those of a site. A name without a
// draw means the first, one without prompts the only set that was measured.
func Named(results []Result, recipe string) (found Result, ok bool) {
	for _, r := range results {
		if name := r.Recipe(); name == recipe || name == recipe+" #1" {
			return r, true
		}
	}
	for _, r := range results {
		bare := r
		bare.Prompts = ""
		if name := bare.Recipe(); name != recipe && name != recipe+" #1" {
			continue
		}
		if ok && r.Prompts != found.Prompts {
			return Result{}, false // of two sets, and it does not say which
		}
		if !ok {
			found, ok = r, true
		}
	}
	return found, ok
}

// choose finds the result a gate is about, and how many it was picked from by
// what it showed: one where the gate names it. A criterion without a name is the question of what a result is worth.
func choose(c gate.Criterion, rec Record, recipe string) (Result, int, error) {
	if c.Recipe != "" {
		if recipe != "" && recipe != c.Recipe {
			return Result{}, 0, fault.New(fault.Usage, "leave --recipe out", "gate %s was sealed for recipe %q, not %q", c.Name, c.Recipe, recipe)
		}
		recipe = c.Recipe
	}
	who, which := words.Say("gate %s", c.Name), "propose a gate that names its site: %s"
	if c.Name == "" {
		who, which = words.Say("the return"), "say which with --site: %s"
	}
	var at []Result
	var sites []string
	for _, r := range rec.Results {
		if r.Task != Classification || len(r.Predictions) == 0 {
			continue
		}
		sites = append(sites, r.Site)
		if c.Site == "" || r.Site == c.Site {
			at = append(at, r)
		}
	}
	slices.Sort(sites)
	sites = slices.Compact(sites)
	switch {
	case len(at) == 0:
		return Result{}, 0, fault.Say(fault.Input, words.Say("measured were: %s", strings.Join(sites, ", ")), "%s: run %s has no classification of site %q", who, rec.Run.ID, c.Site)
	case c.Site == "" && len(sites) > 1:
		return Result{}, 0, fault.Say(fault.Usage, words.Say(which, strings.Join(sites, ", ")), "%s names no site and run %s measured %d", who, rec.Run.ID, len(sites))
	case recipe == "" && len(at) == 1:
		return at[0], 1, nil
	case recipe == "":
		return Result{}, 0, fault.Say(fault.Usage, words.Say("say which with --recipe: %s", listRecipes(at)), "%s names no recipe and run %s measured %d", who, rec.Run.ID, len(at))
	}
	if r, ok := Named(at, recipe); ok {
		if c.Recipe != "" {
			return r, 1, nil
		}
		return r, len(at), nil
	}
	return Result{}, 0, fault.Say(fault.Usage, words.Say("measured were: %s; another takes a plan that measures it, and a run", listRecipes(at)), "%s: run %s has no recipe %q", who, rec.Run.ID, recipe)
}

// listRecipes names results for a message, the draws of one label together.
func listRecipes(results []Result) string {
	var names []string
	draws := map[string]int{}
	for _, r := range results {
		draw := r.Draw
		r.Draw = 0
		name := r.Recipe()
		if _, ok := draws[name]; !ok {
			names = append(names, name)
		}
		draws[name] = max(draws[name], draw)
	}
	for i, name := range names {
		names[i] = strconv.Quote(name)
		if n := draws[name]; n > 0 {
			names[i] = fmt.Sprintf("%q to #%d", name+" #1", n)
		}
	}
	return strings.Join(names, ", ")
}

// zeroShotBeside is the better of the zero-shot results on the clips of r:
// what is to be beaten is not ours to choose.
func zeroShotBeside(rec Record, r Result) (Result, error) {
	best, most := -1, math.Inf(-1)
	for i, o := range rec.Results {
		if o.Task != Classification || o.Method != ZeroShot || o.Site != r.Site || o.Key == r.Key || len(o.Predictions) != len(r.Predictions) {
			continue
		}
		if x := o.Metrics[0].Value; x > most {
			best, most = i, x
		}
	}
	if best < 0 {
		return Result{}, fault.New(fault.Input, "add zero-shot to the plan's methods", "no zero-shot result of site %s to compare with", r.Site)
	}
	return rec.Results[best], nil
}
