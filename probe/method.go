package probe

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// Method is a way to get a classifier from training clips. It sees nothing
// else, so it cannot choose anything on the clips it will be judged by.
//
// It has either Fit or Tune. A method that has settings to choose has Tune,
// and the ladder chooses for it; see Tuning.
type Method struct {
	Name     string  // as typed: "nearest-mean"
	Summary  string  // one line of help
	Params   []Param // its settings, in the order of the help
	Page     Page    // for the manual
	Frames   bool    // it reads the embeddings of frames, so that clips must have them
	Anchored bool    // something else than clips, the class texts, can stand in for a class without any
	Multi    bool    // it is for clips that may be of several classes, or of none: its logits are log odds

	// Grows adds a class to a classifier of the method, see Grow; nil: a new class
	// means a new fit. The classifier may be wrapped in Scaled.
	Grows func(ctx context.Context, g Growth) (Classifier, error)
	// ByText says that Grows takes a class from its text alone: as classes without
	// clips are no part of a fit, that is what a new one would be. With clips it
	// would change the others.
	ByText bool
	// Members are the methods that a classifier was put together from, by the
	// choices of its fit: all must grow. nil: the method alone.
	Members func(choices []Choice) ([]Method, error)

	// Fit fits the method to checked features; labels of training clips may
	// be missing, whole classes too, and a method that needs no training
	// clips must do without any. settings holds a value for every Param.
	Fit func(ctx context.Context, train Features, settings Settings) (Fitted, error)

	// Several is Fit for checked clips that may be of several classes, or of none,
	// of a method that does not take such clips a class at a time; its logits are
	// log odds.
	Several func(ctx context.Context, train Features, settings Settings) (Fitted, error)

	// Tune lays out the settings. The training clips it gets all have labels,
	// of two classes at least unless the method is Anchored, and a clip that is
	// in a group twice is there once. A setting that is not 0 has its value, which
	// is for the ladder to fix; 0 means: choose.
	Tune func(ctx context.Context, train Features, settings Settings) (Tuning, error)
}

// Param is one numeric setting of a method.
type Param struct {
	Name      string
	Doc       string  // one line of help, with the unit; says what the default means where it is special
	Default   float64 // always allowed, even outside the range
	Low, High float64 // inclusive
	Whole     bool    // whole numbers only
}

// Settings holds the value of every setting by name.
type Settings map[string]float64

// Fitted is a classifier and an account of how its settings were chosen.
type Fitted struct {
	Classifier Classifier
	Choices    []Choice
	HeldOut    HeldOut // of the training clips

	// Refit fits the method with the same settings to other clips, whose classes
	// may be other ones. nil: the method cannot say.
	Refit func(ctx context.Context, train Features) (Classifier, error)
}

// Methods lists the methods of this package.
func Methods() []Method {
	return []Method{zeroShotMethod(), nearestMeanMethod(), logisticMethod(), ridgeMethod()}
}

// FindMethod returns the method of that name, or an error that says which was
// probably meant.
func FindMethod(methods []Method, name string) (Method, error) {
	names := make([]string, len(methods))
	for i, m := range methods {
		if m.Name == name {
			return m, nil
		}
		names[i] = m.Name
	}
	return Method{}, fault.New(fault.Usage, "framepilot methods says what each is for", "%s", words.NoSuch("method", name, names))
}

// Run checks the training features and the settings given as text, and fits
// the method. Settings left at their default are chosen on the training clips.
func (m Method) Run(ctx context.Context, train Features, given map[string]string) (Fitted, error) {
	return m.RunWith(ctx, train, Features{}, given)
}

// RunWith is Run with clips to choose settings on, which the method is not
// fitted to (rung L3). No validation clips mean none.
func (m Method) RunWith(ctx context.Context, train, validation Features, given map[string]string) (Fitted, error) {
	settings, err := m.Settings(given)
	if err != nil {
		return Fitted{}, err
	}
	fitted, err := m.run(ctx, train, validation, settings)
	if read := cmp.Or(train.X.Err(), validation.X.Err()); read != nil { // then nothing else counts
		return Fitted{}, fmt.Errorf("%s: read the training clips: %w", m.Name, read)
	}
	if err != nil {
		return Fitted{}, err
	}
	fitted.Choices = m.withGiven(fitted.Choices, settings)
	return fitted, nil
}

// withGiven adds the settings that the user gave and that the account of a fit
// does not have yet: those that were not to be chosen, as a number of steps.
func (m Method) withGiven(choices []Choice, settings Settings) []Choice {
	for _, p := range m.Params {
		told := slices.ContainsFunc(choices, func(c Choice) bool { return c.Param == p.Name })
		if v := settings[p.Name]; v != p.Default && !told {
			choices = append(slices.Clip(choices), Choice{Param: p.Name, Value: v, Rung: Given, Rule: RuleGiven, Reason: setByUser})
		}
	}
	return choices
}

func (m Method) run(ctx context.Context, train, validation Features, settings Settings) (Fitted, error) {
	if err := train.Check(); err != nil {
		return Fitted{}, fmt.Errorf("%s: training clips: %w", m.Name, err)
	}
	if m.Frames && train.Frames == 0 {
		return Fitted{}, fault.New(fault.Input, "embed the clips with `framepilot embed --tokens`", "%s: the features hold no embeddings of frames", m.Name)
	}
	if validation.Len() > 0 {
		if err := validation.Check(); err != nil {
			return Fitted{}, fmt.Errorf("%s: validation clips: %w", m.Name, err)
		}
		if err := CheckSplit(train, validation); err != nil {
			return Fitted{}, fmt.Errorf("%s: validation clips are not apart: %w", m.Name, err)
		}
	}
	if train.Truth != nil && train.Len() > 0 {
		return m.runMulti(ctx, train, validation, settings)
	}
	if m.Multi && train.Len() == 0 {
		return Fitted{}, fault.New(fault.Input, "label some clips, or use zero-shot", "%s: no labelled training clips", m.Name)
	}
	if m.Multi {
		return Fitted{}, fault.New(fault.Config, "take clap, or another method of one class a clip; labels of several stand in a column labels, or a tensor labels of [N, classes]",
			"%s is for clips that may be of several classes, and these are of one each", m.Name)
	}
	if m.Tune == nil {
		return m.Fit(ctx, train, settings)
	}
	return m.tuned(ctx, train, validation, settings)
}

// Settings reads settings given as text and fills in the defaults.
func (m Method) Settings(given map[string]string) (Settings, error) {
	settings := make(Settings, len(m.Params))
	var names []string
	for _, p := range m.Params {
		names = append(names, p.Name)
		settings[p.Name] = p.Default
		text, ok := given[p.Name]
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v != p.Default && !(v >= p.Low && v <= p.High) || p.Whole && v != math.Trunc(v) {
			kind := "a number"
			if p.Whole {
				kind = "a whole number"
			}
			return nil, fault.New(fault.Usage, "", "%s: %s is %q, want %s from %g to %g", m.Name, p.Name, text, kind, p.Low, p.High)
		}
		settings[p.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			if len(names) == 0 {
				return nil, fault.New(fault.Usage, "leave it out", "%s: no setting %q; it has none", m.Name, name)
			}
			hint := words.Say("framepilot methods %s says what its settings do", m.Name)
			return nil, fault.Say(fault.Usage, hint, "%s: %s", m.Name, words.NoSuch("setting", name, names))
		}
	}
	return settings, nil
}
