package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"framepilot/adapt"
	"framepilot/adapt/bundle"
	"framepilot/adapt/featurefile"
	"framepilot/domain"
	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// fitResult is what `fit` reports.
type fitResult struct {
	Method  string      `json:"method"`
	Choices []fitChoice `json:"choices,omitempty"`
	Clips   int         `json:"clips"`
	Classes int         `json:"classes"`
	Score   *fitScore   `json:"score,omitempty"`       // where the test clips have labels
	Multi   *fitMulti   `json:"multi_label,omitempty"` // instead of it where a clip may be of several classes
	Site    *fitSite    `json:"site,omitempty"`        // of methods for a new site
	Output  string      `json:"output,omitempty"`
	Bundle  string      `json:"bundle,omitempty"`

	None *bundle.NoneOfTheAbove `json:"none_of_the_above,omitempty"` // how well the bundle tells clips of none of the classes
}

// fitChoice is a setting and by what right it has its value.
type fitChoice struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Rung   string  `json:"rung"` // of the selection ladder: given, L0 to L3
	Rule   string  `json:"rule"` // the same in words
	Reason string  `json:"reason"`
}

// fitMulti is what a classifier of clips that may be of several classes, or
// of none, is worth.
type fitMulti struct {
	Clips int `json:"clips"`
	fitLook
	MAP      fitRate    `json:"map"`                // mean average precision over the classes measured
	MacroF1  *fitRange  `json:"macro_f1,omitempty"` // at the thresholds; null where none were set
	MicroF1  *float64   `json:"micro_f1,omitempty"`
	PerClass []fitClass `json:"per_class"`
	Videos   *fitVideos `json:"videos,omitempty"` // where clips are windows of them
}

// fitVideos scores videos by their surest windows.
type fitVideos struct {
	Videos  int       `json:"videos"`
	MAP     fitRange  `json:"map"`
	MacroF1 *fitRange `json:"macro_f1,omitempty"`
}

type fitClass struct {
	Class string    `json:"class"`
	Clips int       `json:"clips"`
	AP    *fitRange `json:"ap"` // null where no clip or every clip is of it
	AUROC *float64  `json:"auroc"`

	Said *fitSaid `json:"said,omitempty"` // at the threshold, where there is one
}

// fitSaid is what came of saying that a clip is of a class from a threshold on.
type fitSaid struct {
	Threshold float64  `json:"threshold"` // probability
	Clips     int      `json:"clips"`     // said to be of it
	Right     int      `json:"right"`
	F1        fitRange `json:"f1"`
}

func newFitMulti(s probe.MultiScore) *fitMulti {
	m := &fitMulti{Clips: s.N, MAP: fitRate{s.MAP, s.Low, s.High, string(probe.IntervalBootstrap), s.Confidence}}
	for _, c := range s.PerClass {
		one := fitClass{Class: c.Class, Clips: c.Clips}
		if c.Measured {
			one.AP, one.AUROC = &fitRange{c.AP, c.Low, c.High}, &c.AUROC
		}
		if s.Said {
			one.Said = &fitSaid{probe.Sigmoid(c.Threshold), c.Said, c.Right, fitRange(c.F1)}
		}
		m.PerClass = append(m.PerClass, one)
	}
	if s.Said {
		m.MacroF1, m.MicroF1 = (*fitRange)(&s.F1), &s.MicroF1
	}
	if v := s.Video; v != nil {
		m.Videos = &fitVideos{Videos: v.N, MAP: fitRange{v.MAP, v.Low, v.High}}
		if v.Said {
			m.Videos.MacroF1 = (*fitRange)(&v.F1)
		}
	}
	return m
}

func (m fitMulti) text(w io.Writer) {
	fmt.Fprintf(w, "mAP %.1f %% [%.1f, %.1f], on %d clips of %d classes\n", 100*m.MAP.Value, 100*m.MAP.Low, 100*m.MAP.High, m.Clips, len(m.PerClass))
	if m.MacroF1 != nil {
		fmt.Fprintf(w, "mean F1 %.1f %% [%.1f, %.1f], of all answers together %.1f %%\n", 100*m.MacroF1.Value, 100*m.MacroF1.Low, 100*m.MacroF1.High, 100**m.MicroF1)
	}
	if v := m.Videos; v != nil {
		fmt.Fprintf(w, "of %d videos, each as sure as its surest window: mAP %.1f %% [%.1f, %.1f]\n", v.Videos, 100*v.MAP.Value, 100*v.MAP.Low, 100*v.MAP.High)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range m.PerClass {
		if c.AP == nil {
			fmt.Fprintf(t, "  %s\tnot measured: %d of %d clips are of it\n", c.Class, c.Clips, m.Clips)
		} else {
			fmt.Fprintf(t, "  %s\tAP %.1f %%\t[%.1f, %.1f]\t%d clips", c.Class, 100*c.AP.Value, 100*c.AP.Low, 100*c.AP.High, c.Clips)
			if s := c.Said; s != nil {
				fmt.Fprintf(t, "\tF1 %.1f %%\t[%.1f, %.1f]\tfrom %.0f %% on", 100*s.F1.Value, 100*s.F1.Low, 100*s.F1.High, 100*s.Threshold)
			}
			fmt.Fprintln(t)
		}
	}
	t.Flush()
	m.fitLook.text(w)
}

func (a *app) fitCmd() *cobra.Command {
	var data, train, test, target, base, out, to string
	var set []string
	var c float64
	var normalise bool
	var seal fitSeal
	cmd := &cobra.Command{
		Use:   "fit METHOD (--data F | --test F | --bundle B)",
		Short: "A method on feature files: bring your own features",
		Long: `Fits a method on the clips of one feature file and scores it on another's, or
keeps the classifier for new videos (framepilot classify --bundle), or both. One
file will do (--data) where it says of each clip whether it is to learn from, to
choose settings on or to test on; framepilot embed MANIFEST writes such files.

Methods:
` + methodHelp(adapt.Methods()) + `
Methods for a new site, which take a classifier (--base) there without the labels
of its clips (--target; the test clips themselves where it is left out):
` + methodHelp(siteMethods()),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			method, err := probe.FindMethod(append(adapt.Methods(), siteMethods()...), args[0])
			if err != nil {
				return err
			}
			given, err := settings(set)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("C") {
				given["C"] = fmt.Sprint(c)
			}
			if _, err := method.Settings(given); err != nil {
				return err
			}
			if err := seal.check(); err != nil {
				return err
			}
			if err := checkBundlePath(to); err != nil {
				return err
			}
			if data != "" && (train != "" || test != "") {
				return fault.New(fault.Usage, "--data F, or --train F --test G", "fit: --data beside --train or --test")
			}
			if data == "" && test == "" && (to == "" || train == "") {
				return fault.New(fault.Usage, "--test F to score it, or --train F --bundle B to keep it", "fit: no clips to score and nothing to keep")
			}
			var trainF, testF, valF probe.Features
			if data != "" {
				train = data
				trainF, testF, valF, err = a.loadParts(data, normalise)
			} else {
				trainF, testF, err = a.loadPair(train, test, normalise)
			}
			if err != nil {
				return err
			}
			if !method.Frames {
				trainF, testF, valF = trainF.Pooled(), testF.Pooled(), valF.Pooled()
			}
			// Groups are numbers in a stranger's file and may mean other recordings
			// in each, so this is for the person to judge.
			if err := probe.CheckSplit(trainF, testF); err != nil {
				fmt.Fprintf(a.errs, "warning: %v; numbers are too high where that is one recording\n", err)
			}
			var fitted probe.Fitted
			var onSite *fitSite
			if site, err2 := domain.FindMethod(method.Name); err2 == nil {
				if testF.Truth != nil || trainF.Truth != nil {
					return fault.New(fault.Input, "", "fit: methods for a new site take clips of one class each, these are of several")
				}
				targetF := testF
				if target != "" {
					if targetF, err = a.loadFeatures(target, normalise); err != nil {
						return err
					}
				}
				targetF = targetF.Pooled()
				fitted, onSite, err = a.fitForSite(cmd.Context(), site, base, trainF, targetF, given)
			} else {
				fitted, err = method.RunWith(cmd.Context(), trainF, valF, given)
			}
			if err != nil {
				return err
			}
			result, err := applyFit(fitted, testF, out)
			if err != nil {
				return err
			}
			seen := []probe.Features{trainF, testF}
			if valF.Len() > 0 {
				seen = append(seen, valF)
			}
			seal.purpose = adapt.FitPurpose(method.Name, given, seen...)
			if err := a.scoreFit(cmd.Context(), seal, method.Name, fitted, trainF, testF, &result); err != nil {
				return err
			}
			result.Method, result.Site = method.Name, onSite
			if to != "" {
				from := train
				if from == "" {
					from = test
				}
				kept, err := a.writeBundle(cmd.Context(), to, method.Name, fitted, trainF, from)
				if err != nil {
					return err
				}
				result.Bundle, result.None = to, kept.About().Unknown
			}
			return a.print(result, func(w io.Writer) { result.text(w) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&target, "target", "", "feature file of the new site; its labels are not looked at (default: the test clips)")
	f.StringVar(&base, "base", "", "method that makes the classifier a new site's method starts from (default: zero-shot with text prototypes, else logistic)")
	f.StringVar(&data, "data", "", "feature file that says of each clip whether it is train, test or val")
	f.StringVar(&train, "train", "", "feature file with labels to learn from; zero-shot needs none")
	f.StringVar(&test, "test", "", "feature file to score")
	f.StringVarP(&out, "output", "o", "", "where to write logits and predictions, .safetensors")
	f.StringVar(&to, "bundle", "", "where to keep the classifier for new videos, .safetensors")
	f.Float64Var(&c, "C", 0, "logistic: inverse strength of the penalty (default: by grouped cross-validation)")
	f.BoolVar(&normalise, "normalise", false, "scale every row to unit length first")
	f.StringVar(&seal.pilot, "pilot", ".", "folder of the pilot whose ledger counts this look at the test labels")
	f.IntVar(&seal.looks, "looks", 1, "looks at the test labels that are agreed on: intervals allow for that many")
	f.Float64Var(&seal.sets.Alpha, "alpha", 0.1, "share of clips whose conformal set may miss the truth")
	f.BoolVar(&seal.sets.PerClass, "per-class", false, "hold conformal sets to that share in every class, not in all together")
	f.StringArrayVar(&set, "set", nil, "a setting of the method, key=value; may be repeated")
	for _, m := range append(adapt.Methods(), siteMethods()...) {
		cmd.ValidArgs = append(cmd.ValidArgs, m.Name)
	}
	return a.jsonFlag(cmd)
}

// settings reads --set key=value flags.
func settings(set []string) (map[string]string, error) {
	given := map[string]string{}
	for _, s := range set {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, fault.New(fault.Usage, "write --set key=value", "--set %s has no value", s)
		}
		given[key] = value
	}
	return given, nil
}

func methodHelp(methods []probe.Method) string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, m := range methods {
		fmt.Fprintf(t, "  %s\t%s\n", m.Name, m.Summary)
		for _, p := range m.Params {
			fmt.Fprintf(t, "\t  %s: %s\n", p.Name, p.Doc)
		}
	}
	t.Flush()
	return b.String()
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

// loadPair reads both feature files and makes them agree on the classes: the
// one that names more, or has the text matrix, speaks for both. No file means
// no clips.
func (a *app) loadPair(train, test string, normalise bool) (trainF, testF probe.Features, err error) {
	if test == "" {
		trainF, err = a.loadFeatures(train, normalise)
		return trainF, trainF.Take(nil), err
	}
	if testF, err = a.loadFeatures(test, normalise); err != nil {
		return
	}
	trainF = probe.Features{X: probe.NewMatrix(0, testF.X.Cols), Scale: testF.Scale, Frames: testF.Frames}
	if train != "" {
		if trainF, err = a.loadFeatures(train, normalise); err != nil {
			return
		}
	}
	if trainF.X.Cols != testF.X.Cols || trainF.Frames != testF.Frames {
		err = fault.New(fault.Input, "both must come from one model", "fit: %s has features of width %d with %d frames, %s of %d with %d", train, trainF.X.Cols, trainF.Frames, test, testF.X.Cols, testF.Frames)
		return
	}
	classes := trainF.Classes
	if len(testF.Classes) > len(classes) {
		classes = testF.Classes
	}
	text := trainF.Text
	if text.Rows == 0 {
		text = testF.Text
	}
	if text.Rows != 0 && text.Rows != len(classes) {
		err = fault.New(fault.Input, "", "fit: the text matrix has %d rows for %d classes", text.Rows, len(classes))
		return
	}
	if train != "" && testF.Labels != nil && trainF.Truth != nil || trainF.Labels != nil && testF.Truth != nil {
		err = fault.New(fault.Input, "give both labels of one shape: [N], or [N, classes]", "fit: the clips of one file are of one class each, those of the other of several")
		return
	}
	trainF.Classes, testF.Classes, trainF.Text, testF.Text = classes, classes, text, text
	return
}

// loadParts reads a feature file that says in which part each clip is.
func (a *app) loadParts(path string, normalise bool) (train, test, val probe.Features, err error) {
	train, test, val, unit, err := featurefile.LoadParts(path)
	if err != nil {
		return train, test, val, err
	}
	if normalise {
		for _, f := range []probe.Features{train, test, val} {
			f.X.Normalize()
		}
	} else {
		a.noteLengths(path, unit)
	}
	return train, test, val, nil
}

// noteLengths says that rows are not as methods expect them.
func (a *app) noteLengths(path string, unit bool) {
	if !unit {
		fmt.Fprintf(a.errs, "note: rows of %s are not of unit length, which methods expect; --normalise makes them so\n", path)
	}
}

func (a *app) loadFeatures(path string, normalise bool) (probe.Features, error) {
	f, unit, err := featurefile.Load(path)
	if err != nil && !strings.EqualFold(filepath.Ext(path), ".safetensors") {
		return f, fault.New(fault.Input, "feature files end in .safetensors; framepilot embed makes them", "%w", err)
	}
	if err == nil && normalise {
		f.X.Normalize()
	} else if err == nil {
		a.noteLengths(path, unit)
	}
	return f, err
}

// applyFit writes logits and predictions of the test clips.
func applyFit(fitted probe.Fitted, test probe.Features, out string) (fitResult, error) {
	logits := fitted.Classifier.Logits(test.X)
	r := fitResult{Clips: logits.Rows, Classes: logits.Cols, Output: out}
	for _, c := range fitted.Choices {
		r.Choices = append(r.Choices, fitChoice{c.Param, c.Value, string(c.Rung), string(c.Rule), c.Reason})
	}
	if out != "" {
		entries := []safetensors.Entry{safetensors.Float32Entry("logits", []int{logits.Rows, logits.Cols}, logits.Data)}
		if test.Truth == nil { // else no class is the one
			predictions := make([]int64, logits.Rows)
			for i, c := range probe.Predict(logits) {
				predictions[i] = int64(c)
			}
			entries = append(entries, safetensors.Int64Entry("predictions", []int{logits.Rows}, predictions))
		}
		if err := safetensors.Write(out, nil, entries, nil); err != nil {
			return r, fmt.Errorf("fit: %w", err)
		}
	}
	return r, nil
}

func (r fitResult) text(w io.Writer) {
	for _, c := range r.Choices {
		fmt.Fprintf(w, "%s = %.6g (%s: %s)\n", c.Name, c.Value, c.Rule, c.Reason)
	}
	if r.Bundle != "" {
		fmt.Fprintf(w, "classifier of %d classes in %s\n", r.Classes, r.Bundle)
	}
	if u := r.None; u != nil {
		fmt.Fprintf(w, "clips of none of the classes: told from known ones with AUROC %.2f [%.2f, %.2f], by classes held out; where 95 %% of known clips pass, %.0f %% of theirs do\n",
			u.AUROC, u.Between.AUROC[0], u.Between.AUROC[1], 100*u.FPR95)
	}
	if r.Site != nil {
		r.Site.text(w)
	}
	if r.Multi != nil {
		r.Multi.text(w)
	} else if r.Score != nil {
		r.Score.text(w, r.Classes)
	} else if r.Clips > 0 {
		fmt.Fprintf(w, "%d clips, %d classes; no labels to score by\n", r.Clips, r.Classes)
	}
	if r.Output != "" {
		fmt.Fprintf(w, "logits and predictions in %s\n", r.Output)
	}
}
