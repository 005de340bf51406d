package domain

import (
	"context"
	"fmt"

	"framepilot/internal/fault"
	"framepilot/internal/stat"
	"framepilot/internal/words"
	"framepilot/probe"
)

// Method gets a classifier for a site without that site's labels.
type Method struct {
	Name    string        // as typed: "linear-ot"
	Summary string        // one line of help
	Params  []probe.Param // its settings, in the order of the help
	Page    probe.Page    // for the manual

	fit func(ctx context.Context, s state, settings probe.Settings) (Adapted, error)
}

// Adapted is a classifier for the target site and how it came about.
type Adapted struct {
	probe.Fitted
	Map      *Map        // of methods that map clips into the source's space
	Mix      Mix         // estimated mix of classes at the target, before any map
	Gate     *Gate       // of methods that lean on the whole site
	Orders   *Orders     // of online methods
	Expected Expectation // accuracy at the target, a range; no estimators where no source clip has a label
}

// Methods lists the methods of this package.
func Methods() []Method {
	list := append(closedForms(),
		emMethod(), bbseMethod(), stataMethod(), shotMethod(),
		tdaMethod(), runningGaussianMethod(), mmdMethod(), dannMethod())
	manual := pages()
	for i := range list {
		list[i].Page = manual[list[i].Name]
	}
	return list
}

// closedForms are the methods that map clips by a formula.
func closedForms() []Method {
	return []Method{
		alignMethod("center", "the new site's mean moved onto the old one's", FitCenter),
		alignMethod("coral", "the new site's mean and covariance matched to the old one's, by whitening and colouring", FitCoral),
		alignMethod("linear-ot", "the same by the map that moves clips the least", FitLinearOT),
	}
}

// FindMethod returns the method of that name, or an error that says which was
// probably meant.
func FindMethod(name string) (Method, error) {
	var names []string
	for _, m := range Methods() {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fault.New(fault.Usage, "framepilot methods says what each is for", "%s", words.NoSuch("method", name, names))
}

// Settings reads settings given as text and fills in the defaults.
func (m Method) Settings(given map[string]string) (probe.Settings, error) {
	return probe.Method{Name: m.Name, Params: m.Params}.Settings(given)
}

// Run adapts the task's classifier with the settings given as text.
func (m Method) Run(ctx context.Context, t Task, given map[string]string) (Adapted, error) {
	settings, err := m.Settings(given)
	if err != nil {
		return Adapted{}, err
	}
	s, err := t.start()
	if err != nil {
		return Adapted{}, fmt.Errorf("%s: %w", m.Name, err)
	}
	if err := ctx.Err(); err != nil {
		return Adapted{}, fmt.Errorf("%s: %w", m.Name, err)
	}
	a, err := m.fit(ctx, s, settings)
	if err != nil {
		return Adapted{}, fmt.Errorf("%s: %w", m.Name, err)
	}
	a.Mix = s.mix
	return a, nil
}

// unset is the default of a setting that is chosen unless given.
const unset = -1

func alignMethod(name, summary string, fit Aligner) Method {
	params := []probe.Param{
		{Name: "strength", Doc: "how far clips are moved, 0 to 1; -1: chosen of 0, 0.25, 0.5 and 1 without the new site's labels", Default: unset, Low: 0, High: 1},
		{Name: "reweight", Doc: "1: source clips count by the estimated mix of classes, so that another mix is not taken for another look; 0: alike; -1: chosen with the strength", Default: unset, Low: 0, High: 1, Whole: true},
		{Name: "renormalise", Doc: "1: mapped clips get unit length; 0: they keep what the map gives", Default: 1, Low: 0, High: 1, Whole: true},
	}
	if name != "center" {
		params = append(params, probe.Param{Name: "shrinkage", Doc: "s in S + s tr(S)/d I; 0: Ledoit and Wolf's", Low: 0, High: 1e3})
	}
	return Method{Name: name, Summary: summary, Params: params, fit: func(_ context.Context, s state, settings probe.Settings) (Adapted, error) {
		var maps []*Map
		var weighted []bool
		for _, reweight := range []float64{0, 1} {
			if settings["reweight"] != unset && settings["reweight"] != reweight {
				continue
			}
			o := AlignOptions{Shrinkage: settings["shrinkage"], KeepLength: settings["renormalise"] == 0}
			if reweight == 1 {
				o.Weights = s.clipWeights()
			}
			m, err := fit(s.task.Source.X, s.task.Target.X, o)
			if err != nil {
				return Adapted{}, err
			}
			for _, strength := range strengths {
				if given := settings["strength"]; given != unset {
					strength = given
				}
				maps = append(maps, m.At(strength))
				weighted = append(weighted, reweight == 1)
				if settings["strength"] != unset {
					break
				}
			}
		}
		return s.aligned(maps, weighted, settings)
	}}
}

// strengths are tried from none to full.
var strengths = []float64{0, 0.25, 0.5, 1}

// tie is how much more score a candidate must have than those before it:
// differences of half a clip in a hundred are noise.
const tie = 0.005

// aligned takes the map with the best score.
func (s state) aligned(maps []*Map, weighted []bool, settings probe.Settings) (Adapted, error) {
	best := 0
	rule, reason := probe.RuleGiven, "set by the user"
	switch {
	case len(maps) > 1 && len(s.source.labelled().Labels) == 0:
		best = len(strengths) - 1
		if settings["strength"] != unset {
			best = 0
		}
		rule, reason = probe.RuleFixed, "no source clip has a label to choose by"
	case len(maps) > 1:
		scores := make([]float64, len(maps))
		var err error
		for i, m := range maps {
			if scores[i], err = s.score(m.Apply(s.task.Target.X), s.task.Base); err != nil {
				return Adapted{}, err
			}
			if scores[i] > scores[best]+tie {
				best = i
			}
		}
		rule = RuleUnlabelled
		reason = fmt.Sprintf("score %.1f %% of %d maps tried, the first tried %.1f %%", 100*scores[best], len(maps), 100*scores[0])
	}
	a := Adapted{Map: maps[best]}
	a.Classifier = a.Map.Before(s.task.Base)
	reweight := 0.0
	if weighted[best] {
		reweight = 1
	}
	for _, c := range []probe.Choice{{Param: "strength", Value: a.Map.Strength}, {Param: "reweight", Value: reweight}} {
		c.Rule, c.Reason = rule, reason
		if settings[c.Param] != unset {
			c.Rule, c.Reason = probe.RuleGiven, "set by the user"
		}
		a.Choices = append(a.Choices, c)
	}
	var err error
	a.Expected, err = s.expect(a.Map.Apply(s.task.Target.X), s.judge(a.Classifier), s.mix.ClassWeights())
	return a, err
}

// score is one number to choose by, 0 to 1 and not an accuracy, of base on
// target clips x, mapped or not: confidenceScore averaged with reverse
// accuracy. Confidence sees clips pushed between classes, as by a map that
// takes another mix for another look; the way back sees labels that no longer
// follow the classes. It is 0 where no source clip has a label.
func (s state) score(x probe.Matrix, base probe.Classifier) (float64, error) {
	if len(s.source.labelled().Labels) == 0 {
		return 0, nil
	}
	said := Judged{probe.Scaled{Classifier: base, By: s.factor}.Logits(x), s.task.Target.Groups}
	confident, err := confidenceScore(s.source, said)
	if err != nil {
		return 0, err
	}
	named := namedClasses(probe.Predict(s.task.Base.Logits(s.task.Target.X)), len(s.task.Source.Classes))
	return (confident + ReverseAccuracy(s.task.Source, x, probe.Predict(said.Logits), named)) / 2, nil
}

// RuleUnlabelled marks what was chosen by score: on labelled
// source clips and target clips without their labels.
const RuleUnlabelled probe.Rule = "score without the new site's labels"

// expect is the accuracy to expect of target clips x, mapped or not, judged
// as said. To the estimators that go by confidence it adds reverse validation
// over all classes, the one that sees a class vanish because it is mistaken
// for another; it takes one that is not there for such a class.
func (s state) expect(x probe.Matrix, said Judged, weights []float64) (Expectation, error) {
	if len(s.source.labelled().Labels) == 0 {
		return Expectation{}, nil
	}
	e, err := ExpectAccuracy(s.source, said, weights, s.task.Seed)
	if err != nil {
		return Expectation{}, err
	}
	back := ReverseAccuracy(s.task.Source, x, probe.Predict(said.Logits), nil)
	_, groups := probe.NumberGroups(s.task.Source.Groups, s.task.Source.Len())
	i := stat.WilsonShare(back, float64(groups), probe.Confidence)
	e.include(Estimate{"reverse", back, i.Low, i.High})
	return e, nil
}

func emMethod() Method {
	return Method{
		Name:    "em-prior",
		Summary: "the new site's mix of classes, estimated by EM on calibrated posteriors",
		Params: []probe.Param{
			{Name: "pseudo", Doc: "clips, spread over all classes, the estimate starts from; 0 is plain EM", Default: 1, Low: 0, High: 1e6},
		},
		fit: func(_ context.Context, s state, settings probe.Settings) (Adapted, error) {
			var err error
			mix := s.mix
			mix.Prior, err = EM(Posteriors(s.judge(s.task.Base).Logits), mix.Source, EMOptions{Pseudo: settings["pseudo"]})
			if err != nil {
				return Adapted{}, err
			}
			return s.remixed(mix)
		},
	}
}

func bbseMethod() Method {
	return Method{
		Name:    "bbse",
		Summary: "the new site's mix of classes, estimated from the confusion matrix",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			if s.mix.BBSE == nil {
				return Adapted{}, fault.New(fault.Input, "label source clips", "no source clip has a label")
			}
			mix := s.mix
			mix.Prior = make([]float64, len(mix.BBSE))
			for c, w := range mix.BBSE {
				mix.Prior[c] = w * mix.Source[c]
			}
			return s.remixed(mix)
		},
	}
}

// remixed adapts Base to a mix of classes, unless the site also looks
// different or the labels it then gives explain the source worse: clips that
// are mistaken for another class pass for clips of that class, and correcting
// for them makes it worse.
func (s state) remixed(mix Mix) (Adapted, error) {
	base := s.base()
	a := Adapted{Fitted: probe.Fitted{Classifier: mix.Before(s.task.Base, s.factor)}}
	x := s.task.Target.X
	if len(s.source.labelled().Labels) > 0 {
		look, err := s.lookTest(TestOptions{Seed: s.task.Seed})
		if err != nil {
			return a, err
		}
		gate := guardReverse(s.task.Source, Answers{x, base.Logits(x)}, Answers{x, a.Classifier.Logits(x)})
		if gate.Accepted && look.P <= Level {
			gate.Accepted = false
			gate.Reason = fmt.Sprintf("the site also looks different (p = %.3g), which spoils the estimate of its mix", look.P)
		}
		a.Gate = &gate
		if !gate.Accepted {
			a.Classifier = base
		}
	}
	var err error
	a.Expected, err = s.expect(x, Judged{a.Classifier.Logits(x), s.task.Target.Groups}, mix.ClassWeights())
	return a, err
}

func stataMethod() Method {
	return Method{
		Name:    "stata",
		Summary: "classes as Gaussians over the new site's own clips, held to the old site's; only where that passes the safety gate",
		fit: func(_ context.Context, s state, _ probe.Settings) (Adapted, error) {
			prototypes, err := s.task.prototypes()
			if err != nil {
				return Adapted{}, err
			}
			base := s.base()
			return s.guarded(FitStatA(base, s.task.Target.X, prototypes, s.task.Source.LogitScale()))
		},
	}
}
