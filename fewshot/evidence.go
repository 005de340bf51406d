package fewshot

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"

	"framepilot/internal/stat"
	"framepilot/internal/words"
	"framepilot/probe"
)

// contender is a method that auto tried, and what it says of training clips
// by fits that had not seen them.
type contender struct {
	name   string
	fitted probe.Fitted
	absent probe.Matrix // (N, C) what it says of them by fits that had not seen their class; no rows where none is missing
	losses []float64    // negative log-likelihoods of the clips of the evidence
	nll    float64      // their mean over classes
	right  int          // clips named right
}

// evidence is the training clips that contenders are judged by: those that
// each of them has held-out logits of. Classes weigh the same, however many of
// their clips are among them: a method that gives a class with few clips up
// for one with many should not gain by it. Nor should one that gives up classes
// without any (absent.go).
type evidence struct {
	train   probe.Features
	missing int // classes without clips
	rows    []int
	group   []int     // number of each row's recording
	weight  []float64 // of each row; 1 on average
}

func newEvidence(train probe.Features, contenders []contender) *evidence {
	_, present := judgeable(train)
	e := &evidence{train: train, missing: len(train.Classes) - present}
	var fitted []probe.Fitted
	for _, c := range contenders {
		if c.name != "zero-shot" { // which has seen none of them
			fitted = append(fitted, c.fitted)
		}
	}
	e.rows = common(fitted)
	clips := make(map[int]int) // of each class
	for _, r := range e.rows {
		clips[train.Labels[r]]++
	}
	number, _ := probe.NumberGroups(train.Groups, train.Len())
	for _, r := range e.rows {
		e.group = append(e.group, number[r])
		e.weight = append(e.weight, float64(len(e.rows))/float64(len(clips)*clips[train.Labels[r]]))
	}
	return e
}

// judge fills in how a contender fares.
func (e *evidence) judge(c *contender) error {
	if c.name == "zero-shot" {
		c.fitted.HeldOut = probe.HeldOut{Logits: c.fitted.Classifier.Logits(e.train.X), Rows: e.rows}
		if err := e.calibrate(c); err != nil {
			return err
		}
	}
	said := probe.Predict(c.fitted.HeldOut.Logits)
	c.losses, c.nll, c.right = nil, 0, 0
	for k, r := range e.rows {
		y := e.train.Labels[r]
		loss := e.loss(c, r)
		c.losses = append(c.losses, loss)
		c.nll += loss * e.weight[k] / float64(len(e.rows))
		if said[r] == y {
			c.right++
		}
	}
	return nil
}

// calibrate gives a contender a temperature, as methods had theirs.
func (e *evidence) calibrate(c *contender) error {
	calibrated, err := c.fitted.Calibrated(e.train.Labels)
	if err != nil {
		return fmt.Errorf("auto: %w", err)
	}
	c.fitted = calibrated
	temperature := calibrated.Choices[len(calibrated.Choices)-1].Value
	for i, z := range c.absent.Data {
		c.absent.Data[i] = float32(float64(z) / temperature)
	}
	return nil
}

// mean is the contender whose posteriors are the means of others', calibrated:
// means are less sure than they could be.
func (e *evidence) mean(of []contender) (contender, error) {
	if len(of) == 1 {
		return of[0], nil
	}
	c := meanOf(of)
	if err := e.calibrate(&c); err != nil {
		return contender{}, err
	}
	return c, e.judge(&c)
}

func meanOf(of []contender) contender {
	fitted, names := make([]probe.Fitted, len(of)), make([]string, len(of))
	var absent []probe.Matrix
	for i, c := range of {
		fitted[i], names[i] = c.fitted, c.name
		fitted[i].Choices = slices.Clone(c.fitted.Choices)
		for k := range fitted[i].Choices {
			fitted[i].Choices[k].Param += ofMethod + c.name
		}
		if c.absent.Rows > 0 {
			absent = append(absent, c.absent)
		}
	}
	out := contender{name: strings.Join(names, and), fitted: mix(fitted...)}
	if len(absent) == len(of) {
		out.absent = mixed(absent)
	}
	return out
}

// What stands between the names of what is averaged, and between a setting and
// the one of them that it is of.
const (
	and      = " + "
	ofMethod = " of "
)

// called is the name in a sentence: "proker", "the mean of proker, gda and lp++".
func (c contender) called() words.Sentence {
	names := strings.Split(c.name, and)
	last := len(names) - 1
	if last == 0 {
		return words.Plain(c.name)
	}
	return words.Say("the mean of %s and %s", strings.Join(names[:last], ", "), names[last])
}

// gain is how much less c loses than b on a clip, and its interval over
// recordings. Clips weigh the same: weights would make a few of them decide.
func (e *evidence) gain(c, b contender, confidence float64) (float64, stat.Interval) {
	gains := slices.Clone(b.losses)
	floats.Sub(gains, c.losses)
	interval, _ := stat.ClusterBootstrap(gains, e.group, confidence, rand.New(rand.NewPCG(1, 0)))
	return floats.Sum(gains) / float64(len(gains)), interval
}
