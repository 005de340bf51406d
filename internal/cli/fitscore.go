package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"framepilot/probe"
)

// fitScore is what a classifier is worth on labelled test clips.
type fitScore struct {
	Clips int `json:"clips"`
	fitLook

	Top1        fitRate  `json:"top1"`
	Top5        fitRate  `json:"top5"`
	topK        int      // what it counts: the truth among so many likeliest
	MacroRecall float64  `json:"macro_recall"`
	Recall      fitRange `json:"macro_recall_interval"`
	F1          fitRange `json:"macro_f1"`
	NLL         float64  `json:"nll"`
	Brier       float64  `json:"brier"`
	ECE         float64  `json:"ece"` // 15 bins of equal mass
	ECEInterval fitRange `json:"ece_interval"`
	AURC        float64  `json:"aurc"`

	Calibrated *fitCalibrated `json:"calibrated,omitempty"`          // where training clips could be held out
	Sets       *fitSets       `json:"sets,omitempty"`                // likewise
	FullSets   *fitSets       `json:"full_conformal_sets,omitempty"` // ss-text: fitted again for every clip and label it might have
	ZeroShot   *fitBeside     `json:"against_zero_shot,omitempty"`
	Unlearned  *fitUnlearned  `json:"never_learned,omitempty"` // test clips of classes without training clips
	Needed     fitNeeded      `json:"needed"`
}

// fitNeeded is how many test clips would say more.
type fitNeeded struct {
	Within5     int `json:"clips_for_5_points"` // top-1 known to 5 points either side
	Faultless95 int `json:"faultless_for_95"`   // without an error, that show 95 %
}

type fitRate struct {
	Value      float64 `json:"value"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Interval   string  `json:"interval"`
	Confidence float64 `json:"confidence"`
}

func newFitRate(r probe.Rate, conf float64) fitRate {
	return fitRate{r.Value, r.Low, r.High, string(r.Method), conf}
}

// fitRange is a number between the quantiles of resampled groups.
type fitRange struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func newFitRange(m probe.Macro) fitRange { return fitRange{m.Value, m.Low, m.High} }

// fitCalibrated is the same classifier with a temperature from held-out
// posteriors of its training clips.
type fitCalibrated struct {
	Temperature float64 `json:"temperature"`
	Reason      string  `json:"reason"` // why it is that
	NLL         float64 `json:"nll"`
	Brier       float64 `json:"brier"`
	ECE         float64 `json:"ece"`
}

// fitSets are conformal prediction sets of the calibrated posteriors.
type fitSets struct {
	Alpha    float64 `json:"alpha"`
	Coverage fitRate `json:"coverage"`
	Size     float64 `json:"mean_size"`

	PerClass bool      `json:"per_class"`                  // the promise is to every class (Mondrian)
	Unseen   []string  `json:"not_promised_for,omitempty"` // classes without clips to set them on
	Spread   float64   `json:"coverage_sd,omitempty"`      // that the coverage promised to all together has by the luck of the held-out recordings
	Classes  []float64 `json:"coverage_per_class"`         // by true class; 0 where none was tested
}

func newFitSets(alpha float64, s probe.SetScore, conf float64) *fitSets {
	sets := &fitSets{Alpha: alpha, Coverage: newFitRate(s.Coverage, conf), Size: s.Size}
	for _, c := range s.PerClass {
		sets.Classes = append(sets.Classes, c.Value)
	}
	return sets
}

// fitBeside sets the classifier beside zero-shot on the same clips.
type fitBeside struct {
	Difference fitRate  `json:"difference"`
	OnlyThis   int      `json:"only_this"`
	OnlyOther  int      `json:"only_zero_shot"`
	P          float64  `json:"p"` // McNemar, exact
	MidP       float64  `json:"mid_p"`
	Newcombe   fitRange `json:"newcombe"` // of the difference, were clips independent
	Verdict    string   `json:"verdict"`
	Needed     int      `json:"needed,omitempty"` // clips that would settle it
}

func newFitScore(s probe.Score) *fitScore {
	c := s.Calibration
	return &fitScore{
		Clips: s.N, topK: s.TopK,
		Top1: newFitRate(s.Top1, s.Confidence), Top5: newFitRate(s.Top5, s.Confidence), MacroRecall: s.MacroRecall,
		Recall: newFitRange(s.Recall), F1: newFitRange(s.F1), NLL: s.NLL, Brier: c.Brier.Score,
		ECE: c.ECE, ECEInterval: fitRange{c.ECE, c.ECELow, c.ECEHigh}, AURC: c.AURC,
		Needed: fitNeeded{s.Top1.ClipsFor(0.05, s.Confidence), probe.Faultless(0.95, s.Confidence)},
	}
}

// calibrate adds what the held-out posteriors are good for.
func (f *fitScore) calibrate(sealed *probe.Sealed, o probe.ConformalOptions, s probe.Score, fitted probe.Fitted, train probe.Features) error {
	calibrated, err := fitted.Calibrated(train.Labels)
	if err != nil {
		return err
	}
	sets, err := probe.FitConformal(calibrated.HeldOut, train, o)
	if err != nil {
		return err
	}
	logits := calibrated.Classifier.Logits(sealed.Features().X)
	after, err := sealed.Recalibrate(logits, s)
	if err != nil {
		return err
	}
	covered, err := sealed.EvaluateSets(sets.Sets(logits), s)
	if err != nil {
		return err
	}
	temperature := calibrated.Choices[len(calibrated.Choices)-1]
	f.Calibrated = &fitCalibrated{
		Temperature: temperature.Value, Reason: temperature.Reason,
		NLL: after.NLL, Brier: after.Calibration.Brier.Score, ECE: after.Calibration.ECE,
	}
	f.Sets = newFitSets(sets.Alpha, covered, s.Confidence)
	f.Sets.Unseen = sets.UnseenOf(train.Classes)
	if f.Sets.PerClass = o.PerClass; !o.PerClass {
		f.Sets.Spread = probe.CoverageSpread(sets.Groups, sets.Alpha)
	}
	return nil
}

// fullConformal is the method whose prototypes can be fitted again for every
// test clip and every label.
const fullConformal = "ss-text"

// fullSets adds full conformal adaptation, at the weight of the texts that was chosen.
func (f *fitScore) fullSets(sealed *probe.Sealed, alpha float64, s probe.Score, fitted probe.Fitted, train probe.Features) error {
	full := probe.FullConformal{Support: train, Anchors: train.Text, Alpha: alpha}
	for _, c := range fitted.Choices {
		if c.Param == "text" {
			full.Weight = train.LogitScale() / c.Value
		}
	}
	sets, err := full.Sets(sealed.Features().X)
	if err != nil {
		return err
	}
	covered, err := sealed.EvaluateSets(sets, s)
	if err != nil {
		return err
	}
	f.FullSets = newFitSets(alpha, covered, s.Confidence)
	for c, name := range train.Classes {
		if !slices.Contains(train.Labels, c) {
			f.FullSets.Unseen = append(f.FullSets.Unseen, name)
		}
	}
	return nil
}

// beside adds the comparison with zero-shot, a part of the same look.
func (f *fitScore) beside(ctx context.Context, sealed *probe.Sealed, purpose string, s probe.Score, zero probe.Classifier) error {
	other, err := sealed.Evaluate(ctx, purpose, zero)
	if err != nil {
		return err
	}
	d, err := probe.CompareDraws([]probe.Score{s}, other, 0)
	if err != nil {
		return err
	}
	low, high := d.Newcombe()
	f.ZeroShot = &fitBeside{
		Newcombe:   fitRange{d.Difference, low, high},
		Difference: fitRate{d.Mean, d.MeanLow, d.MeanHigh, string(d.Method), d.Confidence},
		OnlyThis:   d.OnlyA, OnlyOther: d.OnlyB, P: d.P, MidP: d.MidP, Verdict: string(d.Verdict()), Needed: d.Needed(1),
	}
	return nil
}

// text prints the numbers that decide; the others are in the JSON.
func (f fitScore) text(w io.Writer, classes int) {
	fmt.Fprintf(w, "top-1 %.1f %% [%.1f, %.1f], ", 100*f.Top1.Value, 100*f.Top1.Low, 100*f.Top1.High)
	if f.topK < classes { // else it is always right
		fmt.Fprintf(w, "top-%d %.1f %%, ", f.topK, 100*f.Top5.Value)
	}
	fmt.Fprintf(w, "macro recall %.1f %%, on %d clips of %d classes\n", 100*f.MacroRecall, f.Clips, classes)
	if f.Unlearned != nil {
		f.Unlearned.text(w)
	}
	if z := f.ZeroShot; z != nil {
		fmt.Fprintf(w, "beside zero-shot %+.1f points [%+.1f, %+.1f]: %s\n", 100*z.Difference.Value, 100*z.Difference.Low, 100*z.Difference.High, z.Verdict)
		if z.Needed > 0 {
			fmt.Fprintf(w, "to settle that you need about %d labelled test clips\n", z.Needed)
		}
	}
	if c := f.Calibrated; c != nil {
		fmt.Fprintf(w, "calibration error %.1f %%, %.1f %% with temperature %.3g\n", 100*f.ECE, 100*c.ECE, c.Temperature)
		if c.Temperature == 1 {
			fmt.Fprintf(w, "temperature: %s\n", c.Reason)
		}
		fmt.Fprintf(w, "sets for %g %%: %.1f %% hold the truth, %.2f classes on average\n", 100*(1-f.Sets.Alpha), 100*f.Sets.Coverage.Value, f.Sets.Size)
		if len(f.Sets.Unseen) > 0 {
			fmt.Fprintf(w, "sets promise nothing for %s, without held-out clips; --per-class has such classes in every set\n", strings.Join(f.Sets.Unseen, ", "))
		}
	}
	if c := f.FullSets; c != nil {
		fmt.Fprintf(w, "full conformal sets for %g %%: %.1f %% hold the truth, %.2f classes on average\n", 100*(1-c.Alpha), 100*c.Coverage.Value, c.Size)
		if len(c.Unseen) > 0 {
			fmt.Fprintf(w, "full conformal sets promise nothing for %s, without clips\n", strings.Join(c.Unseen, ", "))
		}
	}
	f.fitLook.text(w)
}
