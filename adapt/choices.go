package adapt

import (
	"context"
	"io"

	"framepilot/adapt/live"
)

// Choice is a recipe with what it asks of people and of this machine.
type Choice struct {
	Recipe  Recipe `json:"recipe"`
	Learn   int    `json:"labels_to_learn"`   // labelled clips it learns from, the most it tries
	Measure int    `json:"labels_to_measure"` // labelled test clips, which every recipe is measured on
	Shots   []int  `json:"shots"`             // labelled clips a class it tries; none: no choice
	Results int    `json:"results"`           // numbers to measure

	Clips   int      `json:"clips"` // found, with the sites and classes they are of
	Sites   []string `json:"sites"`
	Classes []string `json:"classes"`

	live.Estimate // of its run, as a dry run of the plan would say it

	Advised bool   `json:"recommended"`
	Why     string `json:"why,omitempty"` // it can't be chosen; empty if it can
	Plan    string `json:"plan"`          // the draft
}

// Choices says of every recipe what it would take to carry it out on the
// sites of d, and recommends one. file is where the plan would be; nothing is
// written. Without o.Open no time is estimated.
func Choices(ctx context.Context, d Draft, file string, o RunOptions) ([]Choice, error) {
	model := &shared{open: o.Open}
	defer model.close()
	if o.DryRun = true; o.Open != nil {
		o.Open = model.get
	}
	if d.Report == "" {
		d.Report = freeReport(file)
	}
	var choices []Choice
	for _, name := range RecipeNames() {
		d.Recipe = Recipe(name)
		c, err := choice(ctx, d, file, o)
		if err != nil {
			return nil, err
		}
		choices = append(choices, c)
	}
	advise(choices)
	return choices, nil
}

// choice looks at one recipe.
func choice(ctx context.Context, d Draft, file string, o RunOptions) (Choice, error) {
	c := Choice{Recipe: d.Recipe, Shots: []int{}, Sites: []string{}, Classes: []string{}}
	if d.Recipe == RecipeSite && len(d.Sites) < 2 {
		c.Why = "one-site"
		return c, nil
	}
	// The plan is read with no method that could ask for more clips than there
	// are: how many there are says which shots can be tried.
	words := d
	words.Recipe = RecipeWords
	plan, err := ParsePlan(file, words.TOML())
	if err != nil {
		return c, err
	}
	data, err := ReadData(plan)
	if err != nil {
		return c, err
	}
	c.Clips, c.Sites, c.Classes = len(data.Items), data.Sites, data.Classes
	least, classes := -1, 0
	for _, n := range data.trainCounts(plan) {
		classes++
		if least < 0 || n < least {
			least = n
		}
	}
	for _, site := range data.newSites(plan) {
		if d.Recipe == RecipeSite && len(data.rows(func(item Item) bool { return item.Site == site })) < 2 {
			c.Why = "small-site"
			return c, nil
		}
	}
	c.Measure = len(data.rows(func(item Item) bool { return item.Split == Test }))
	if d.Recipe != RecipeWords && least < 1 {
		c.Why = "no-training-clips"
		return c, nil
	}
	if d.Recipe == RecipeFewShot || d.Recipe == RecipeProbe {
		d.Shots = nil
		for _, n := range []int{1, 4, 16} {
			if n <= least {
				d.Shots = append(d.Shots, n)
			}
		}
		if least > 1 && least < 4 { // two points at least, so that one sees what more labels bring
			d.Shots = append(d.Shots, least)
		}
		c.Shots = d.Shots
	}
	switch d.Recipe {
	case RecipeFewShot:
		c.Learn = classes * d.Shots[len(d.Shots)-1]
	case RecipeProbe, RecipeSite:
		c.Learn = len(data.trainRows(plan))
	}
	c.Plan = d.TOML()
	if plan, err = ParsePlan(file, c.Plan); err != nil {
		return c, err
	}
	if o.Open == nil {
		return c, nil
	}
	sum, err := Run(ctx, plan, o)
	if err != nil {
		return c, err
	}
	c.Results, c.Estimate = sum.New+sum.Kept, sum.Cost.Estimate
	return c, nil
}

// advise marks the recipe to begin with: a few labels beside the words, which
// says what the words alone reach, too, and what more labels would bring.
func advise(choices []Choice) {
	for _, want := range []Recipe{RecipeFewShot, RecipeWords} {
		for i := range choices {
			if choices[i].Recipe == want && choices[i].Why == "" {
				choices[i].Advised = true
				return
			}
		}
	}
}

// shared opens a model once for several runs.
type shared struct {
	open  func(context.Context, ModelPlan) (Embedder, error)
	model Embedder
}

func (s *shared) get(ctx context.Context, m ModelPlan) (Embedder, error) {
	if s.model == nil {
		var err error
		if s.model, err = s.open(ctx, m); err != nil {
			return nil, err
		}
	}
	return lent{s.model}, nil
}

func (s *shared) close() {
	if c, ok := s.model.(io.Closer); ok {
		_ = c.Close() // nothing was written
	}
}

// lent is a model that a run does not close.
type lent struct{ Embedder }
