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
