package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"framepilot/adapt/bundle"
	"framepilot/internal/safetensors"
	"framepilot/internal/words"
	"framepilot/probe"
)

// fitResult is what `fit` reports.
type fitResult struct {
	Method  string      `json:"method"`
	Why     string      `json:"why,omitempty"` // what a method that tries others took, in a sentence
	Choices []fitChoice `json:"choices,omitempty"`
	Clips   int         `json:"clips"`
	Classes int         `json:"classes"`
	Score   *fitScore   `json:"score,omitempty"`       // where the test clips have labels
	Multi   *fitMulti   `json:"multi_label,omitempty"` // instead of it where a clip may be of several classes
	Site    *fitSite    `json:"site,omitempty"`        // of methods for a new site
	Output  string      `json:"output,omitempty"`
	Bundle  string      `json:"bundle,omitempty"`

	None *bundle.NoneOfTheAbove `json:"none_of_the_above,omitempty"` // how well the bundle tells clips of none of the classes

	chosen []probe.Choice // Choices, as they were made
}

// fitChoice is a setting and by what right it has its value.
type fitChoice struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Rung   string  `json:"rung"` // of the selection ladder: given, L0 to L3
	Rule   string  `json:"rule"` // the same in words
	Reason string  `json:"reason"`
}

// applyFit writes logits and predictions of the test clips.
func applyFit(fitted probe.Fitted, test probe.Features, out string) (fitResult, error) {
	logits := fitted.Classifier.Logits(test.X)
	r := fitResult{Clips: logits.Rows, Classes: logits.Cols, Output: out, chosen: fitted.Choices}
	for _, c := range fitted.Choices {
		if _, ok := c.Took(); ok {
			r.Why = c.Reason
		}
		r.Choices = append(r.Choices, fitChoice{c.Name(), c.Value, string(c.Rung), string(c.Rule), c.Reason})
	}
	if out != "" {
		names := map[string]string{}
		for key, list := range map[string][]string{"classes": test.Classes, "ids": test.IDs} {
			if len(list) > 0 {
				text, err := json.Marshal(list)
				if err != nil {
					return r, fmt.Errorf("fit: %w", err)
				}
				names[key] = string(text)
			}
		}
		entries := []safetensors.Entry{safetensors.Float32Entry("logits", []int{logits.Rows, logits.Cols}, logits.Data)}
		if test.Truth == nil { // else no class is the one
			predictions := make([]int64, logits.Rows)
			for i, c := range probe.Predict(logits) {
				predictions[i] = int64(c)
			}
			entries = append(entries, safetensors.Int64Entry("predictions", []int{logits.Rows}, predictions))
		}
		if err := safetensors.Write(out, names, entries, nil); err != nil {
			return r, fmt.Errorf("fit: %w", err)
		}
	}
	return r, nil
}

// printSettings says first what a method that tries others took, and why, then
// every setting and by what right it has its value: one that every class has
// of its own in a line.
func printSettings(w io.Writer, list []probe.Choice) {
	for _, c := range list {
		if _, ok := c.Took(); ok {
			fmt.Fprintln(w, c.Reason)
		}
	}
	ofClass := map[string][]probe.Choice{}
	for _, c := range list {
		if c.Class != "" {
			ofClass[c.Param] = append(ofClass[c.Param], c)
		}
	}
	for _, c := range list {
		if c.Class != "" {
			if of := ofClass[c.Param]; of[0].Class == c.Class {
				fmt.Fprintln(w, settingOfClasses(of))
			}
		} else if _, ok := c.Took(); !ok {
			fmt.Fprintf(w, "%s = %.6g (%s: %s)\n", c.Param, c.Value, c.Rule, c.Reason)
		} else if c.Rung != probe.L0 {
			fmt.Fprintf(w, "%s = %.6g (%s)\n", c.Param, c.Value, c.Rule)
		}
	}
}

// settingOfClasses says of a setting that every class has of its own what
// range they are in, and by what rules.
func settingOfClasses(of []probe.Choice) string {
	low, high := of[0].Value, of[0].Value
	var rules []string
	for _, c := range of {
		low, high = min(low, c.Value), max(high, c.Value)
		if rule := string(c.Rule); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	text := fmt.Sprintf("%s = %.6g", of[0].Param, low)
	if high > low {
		text += fmt.Sprintf(" to %.6g", high)
	}
	return fmt.Sprintf("%s, each of %s its own (%s)", text, words.Count(len(of), "class"), strings.Join(rules, ", "))
}

func (r fitResult) text(w io.Writer) {
	printSettings(w, r.chosen)
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
