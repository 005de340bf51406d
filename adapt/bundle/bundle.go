package bundle

import (
	"maps"

	"framepilot/domain"
	"framepilot/fewshot"
	"framepilot/probe"
)

// Bundle is a classifier with all that is known of it.
type Bundle struct {
	Classes    []string
	Width      int              // of the embeddings
	Scale      float64          // logit per unit of their cosine, as the model was trained
	Classifier probe.Classifier // as fitted

	Temperature float64          // logits are divided by it before they are taken for posteriors; 1 where nothing could be judged
	Conformal   *probe.Conformal // sets of classes; nil: there were too few recordings
	Unknown     *probe.Unknown   // when a clip is none of the classes, by its largest calibrated logit; nil: could not be told

	Origin   Origin
	Method   string
	Choices  []probe.Choice // settings, and by what right they have their values; a file keeps the reasons in English, and no candidates
	Training Training
	Key      string     // what it follows from, as a run names it; empty: not said
	By       string     // the program that made it
	Added    []Addition // classes that joined later, in order

	// Reference is what the classifier was made with, up to MaxReference clips
	// of it: embeddings, labels, recordings under numbers, classes and texts. No
	// row: the method needed no clips.
	Reference probe.Features
	// HeldOut are uncalibrated logits of its rows by fits that had not seen
	// them.
	HeldOut probe.HeldOut
}

// Training counts what a classifier learned from.
type Training struct {
	Clips  int      `json:"clips"`
	Shots  []int    `json:"shots"`  // C labelled clips of each class
	Groups int      `json:"groups"` // recordings
	Sites  []string `json:"sites,omitempty"`
	Digest string   `json:"digest,omitempty"` // SHA-256 of embeddings, labels, groups and classes
}

// Calibrated is the classifier at the bundle's temperature.
func (b *Bundle) Calibrated() probe.Classifier {
	return probe.Scaled{Classifier: b.Classifier, By: 1 / b.Temperature}
}

// Multi tells whether a clip may be of several of the classes, or of none.
func (b *Bundle) Multi() bool { return probe.Multi(b.Classifier) }

// loaders are those of every classifier there is.
func loaders() map[string]probe.Loader {
	all := probe.Loaders()
	for _, more := range []map[string]probe.Loader{fewshot.Loaders(), domain.Loaders()} {
		maps.Copy(all, more)
	}
	return all
}
