package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/bundle"
	"framepilot/adapt/featurefile"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// fitOrder is what a person wants fitted: a method, to which clips, and what
// is to come of it. Files that are not named are "".
type fitOrder struct {
	data, train, test string   // feature files
	target, base      string   // of methods for a new site
	out, bundle       string   // files to write
	set               []string // settings, key=value
	c                 float64  // the setting C
	normalise         bool
	seal              fitSeal
}

func (a *app) fitCmd() *cobra.Command {
	var o fitOrder
	cmd := &cobra.Command{
		Use:   "fit METHOD (--data F | --test F | --bundle B)",
		Short: "A method on feature files: bring your own features",
		Long: `Fits a method on the clips of one feature file and scores it on another's, or
keeps the classifier for new videos, or both. One file will do (--data) where it
says of each clip whether it is to learn from, to choose settings on or to test
on; embed writes such files of a list of clips, docs/features.md says how Python
does.

auto tries the methods that take seconds and keeps the mean of the best, unless
zero-shot, which needs the words of the classes alone, does as well. Methods for
a new site (coral, shot and others) take a classifier (--base) there without the
labels of its clips (--target; the test clips themselves where it is left out).

  framepilot methods            every method, in a line each
  framepilot methods logistic   when to take it, what it costs, its settings (--set)`,
		Example: `  framepilot fit auto --data clips.safetensors
  framepilot fit logistic --train a.safetensors --test b.safetensors --set folds=10
  framepilot fit auto --train a.safetensors --bundle line3.safetensors
  framepilot classify --bundle line3.safetensors new-videos/
  framepilot fit coral --train day.safetensors --test night.safetensors`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			method, err := probe.FindMethod(append(adapt.Methods(), siteMethods()...), args[0])
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("C") {
				o.set = append(o.set, fmt.Sprintf("C=%g", o.c))
			}
			given, err := settings(o.set)
			if err != nil {
				return err
			}
			if _, err := method.Settings(given); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			result, err := a.fit(cmd.Context(), o, method, given)
			if err != nil {
				return err
			}
			return a.print(result, func(w io.Writer) { result.text(w) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.target, "target", "", "feature file of the new site; its labels are not looked at (default: the test clips)")
	f.StringVar(&o.base, "base", "", "method that makes the classifier a new site's method starts from (default: zero-shot with text prototypes, else logistic)")
	f.StringVar(&o.data, "data", "", "feature file that says of each clip whether it is train, test or val")
	f.StringVar(&o.train, "train", "", "feature file with labels to learn from; zero-shot needs none")
	f.StringVar(&o.test, "test", "", "feature file to score")
	f.StringVarP(&o.out, "output", "o", "", "where to write logits and predictions, .safetensors")
	f.StringVar(&o.bundle, "bundle", "", "where to keep the classifier for new videos, .safetensors")
	f.Float64Var(&o.c, "C", 0, "logistic: inverse strength of the penalty (default: by grouped cross-validation)")
	f.BoolVar(&o.normalise, "normalise", false, "scale every row to unit length first")
	f.StringVar(&o.seal.pilot, "pilot", ".", "folder of the pilot whose ledger counts this look at the test labels")
	f.IntVar(&o.seal.looks, "looks", 1, "looks at the test labels that are agreed on: intervals allow for that many")
	f.Float64Var(&o.seal.sets.Alpha, "alpha", 0.1, "share of clips whose conformal set may miss the truth")
	f.BoolVar(&o.seal.sets.PerClass, "per-class", false, "hold conformal sets to that share in every class, not in all together")
	f.StringArrayVar(&o.set, "set", nil, "a setting of the method, key=value; may be repeated")
	for _, m := range append(adapt.Methods(), siteMethods()...) {
		cmd.ValidArgs = append(cmd.ValidArgs, m.Name)
	}
	return a.jsonFlag(cmd)
}

// check refuses orders that can't be carried out whatever the files hold.
func (o *fitOrder) check() error {
	if err := o.seal.check(); err != nil {
		return err
	}
	if o.bundle != "" {
		if err := checkBundlePath("bundle", o.bundle); err != nil {
			return err
		}
	}
	if o.data != "" && (o.train != "" || o.test != "") {
		return fault.New(fault.Usage, "--data F, or --train F --test G", "fit: --data beside --train or --test")
	}
	if o.data == "" && o.test == "" && (o.bundle == "" || o.train == "") {
		return fault.New(fault.Usage, "--test F to score it, or --train F --bundle B to keep it", "fit: no clips to score and nothing to keep")
	}
	return nil
}

// fit carries an order out.
func (a *app) fit(ctx context.Context, o fitOrder, method probe.Method, given map[string]string) (fitResult, error) {
	var files []io.Closer
	defer func() {
		for _, f := range files {
			f.Close() // only read
		}
	}()
	train, test, val, err := a.fitClips(o, method, func(path string) (probe.Features, error) {
		if o.normalise {
			return a.loadFeatures(path, true)
		}
		f, file, err := a.streamFeatures(path)
		if err == nil {
			files = append(files, file)
		}
		return f, err
	})
	if err != nil {
		return fitResult{}, err
	}
	var fitted probe.Fitted
	var onSite *fitSite
	learner := method
	if site, notOne := domain.FindMethod(method.Name); notOne == nil {
		if fitted, onSite, err = a.fitOnSite(ctx, o, site, train, test, given); err == nil {
			learner, err = probe.FindMethod(adapt.Methods(), siteBase(o.base, train))
		}
	} else {
		fitted, err = method.RunWith(ctx, train, val, given)
	}
	if err != nil {
		return fitResult{}, err
	}
	result, err := applyFit(fitted, test, o.out)
	if err != nil {
		return fitResult{}, err
	}
	seen := []probe.Features{train, test}
	if val.Len() > 0 {
		seen = append(seen, val)
	}
	o.seal.purpose = adapt.FitPurpose(method.Name, given, seen...)
	if err := a.scoreFit(ctx, o.seal, method.Name, learner, fitted, train, test, &result); err != nil {
		return fitResult{}, err
	}
	result.Method, result.Site = method.Name, onSite
	if o.bundle != "" {
		kept, err := a.writeBundle(ctx, o.bundle, method.Name, fitted, train, cmp.Or(o.data, o.train, o.test))
		if err != nil {
			return fitResult{}, err
		}
		result.Bundle, result.None = o.bundle, kept.About().Unknown
	}
	return result, nil
}

// fitClips reads the clips to learn from, to test on and to choose settings
// on, as the method reads them.
func (a *app) fitClips(o fitOrder, method probe.Method, load loader) (train, test, val probe.Features, err error) {
	if o.data == "" {
		train, test, err = loadPair(o.train, o.test, load)
	} else if f, loaded := load(o.data); loaded != nil {
		err = loaded
	} else {
		train, test, val, err = featurefile.Parts(o.data, f)
	}
	if err != nil {
		return train, test, val, err
	}
	if !method.Frames {
		train, test, val = train.Pooled(), test.Pooled(), val.Pooled()
	}
	// Groups are numbers in a stranger's file and may mean other recordings
	// in each, so this is for the person to judge.
	if err := probe.CheckSplit(train, test); err != nil {
		fmt.Fprintf(a.errs, "warning: %v; numbers are too high where that is one recording\n", err)
	}
	return train, test, val, nil
}

// fitOnSite takes a classifier to the site of the target clips, the test clips
// where no others are named.
func (a *app) fitOnSite(ctx context.Context, o fitOrder, site domain.Method, train, test probe.Features, given map[string]string) (probe.Fitted, *fitSite, error) {
	if test.Truth != nil || train.Truth != nil {
		return probe.Fitted{}, nil, fault.New(fault.Input, "take sigmoid or auto, with some labelled clips of the new site among those to learn from", "fit: %s and the other methods for a new site take clips of one class each, these are of several", site.Name)
	}
	target := test
	if o.target != "" {
		var err error
		if target, err = a.loadFeatures(o.target, o.normalise); err != nil {
			return probe.Fitted{}, nil, err
		}
	}
	return a.fitForSite(ctx, site, o.base, train, target.Pooled(), given)
}

// settings reads --set key=value flags.
func settings(set []string) (map[string]string, error) {
	given := map[string]string{}
	for _, s := range set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, fault.New(fault.Usage, "write --set key=value", "--set %s has no value", s)
		}
		if _, twice := given[key]; twice {
			return nil, fault.New(fault.Usage, "give it once", "the setting %s is given twice", key)
		}
		given[key] = value
	}
	return given, nil
}

// writeBundle keeps a classifier made with the clips of the feature file from.
func (a *app) writeBundle(ctx context.Context, to, method string, fitted probe.Fitted, train probe.Features, from string) (*bundle.Bundle, error) {
	meta, err := featurefile.Metadata(from)
	if err != nil {
		return nil, err
	}
	origin := bundle.ReadOrigin(meta)
	origin.Tokens = train.Frames // a method that does not read them takes clips without
	b, err := bundle.New(ctx, method, fitted, train, origin)
	if err != nil {
		return nil, err
	}
	b.By = version()
	return b, b.Write(to)
}
