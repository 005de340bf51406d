package probe

import (
	"context"
	"fmt"
	"strings"

	"framepilot/internal/fault"
)

// DefaultTemplate is the prompt TVTSv2 was evaluated with.
const DefaultTemplate = "a person {}"

// Prompts writes every class name into every template, where it says {}:
// the texts to embed, one list a class. No templates mean DefaultTemplate.
func Prompts(templates, classes []string) ([][]string, error) {
	if len(templates) == 0 {
		templates = []string{DefaultTemplate}
	}
	for _, t := range templates {
		if !strings.Contains(t, "{}") {
			return nil, fault.New(fault.Config, "write {} where the class name goes, as in \""+DefaultTemplate+"\"",
				"probe: prompt template %q has no {}", t)
		}
	}
	out := make([][]string, len(classes))
	for c, class := range classes {
		for _, t := range templates {
			out[c] = append(out[c], strings.ReplaceAll(t, "{}", class))
		}
	}
	return out, nil
}

// Prototypes turns the text embeddings of each class's prompts, one (P, d)
// matrix a class, into the text matrix (C, d): the prompts are averaged after
// normalisation, so that a long vector has no more say, and the mean is
// normalised again.
func Prototypes(perClass []Matrix) (Matrix, error) {
	if len(perClass) == 0 {
		return Matrix{}, nil
	}
	d := perClass[0].Cols
	out := NewMatrix(len(perClass), d)
	for c, prompts := range perClass {
		if prompts.Rows == 0 || prompts.Cols != d {
			return Matrix{}, fmt.Errorf("probe: class %d has %d prompt embeddings of width %d, want at least one of width %d",
				c, prompts.Rows, prompts.Cols, d)
		}
		mean := make([]float64, d)
		for i := range prompts.Rows {
			row := prompts.Row(i)
			norm := length(row)
			if !(norm > 0) || norm-norm != 0 {
				return Matrix{}, fmt.Errorf("probe: class %d, prompt %d: embedding of length %g", c, i, norm)
			}
			for j, v := range row {
				mean[j] += float64(v) / norm
			}
		}
		row := out.Row(c)
		for j, v := range mean {
			row[j] = float32(v / float64(prompts.Rows))
		}
		if length(row) == 0 {
			return Matrix{}, fmt.Errorf("probe: class %d: its prompt embeddings cancel out", c)
		}
		normalize(row)
	}
	return out, nil
}

// ZeroShot is the model's own classifier: logits scale · x·t_c with text
// prototypes t (C, d).
func ZeroShot(text Matrix, scale float64) Classifier { return cosine{text, scale} }

type cosine struct {
	prototypes Matrix
	scale      float64
}

func (c cosine) Logits(x Matrix) Matrix {
	out := Similarity(x, c.prototypes)
	for i, v := range out.Data {
		out.Data[i] = float32(c.scale * float64(v))
	}
	return out
}

const zeroShotName = "zero-shot"

func zeroShotMethod() Method {
	return Method{
		Name:    zeroShotName,
		Summary: "the model's own judgement: similarity to the class prompts; needs no training clips",
		Page: Page{
			Does:   "Compares each clip with the texts of the classes, as the model was trained to: the logit of a class is the model's scale times the cosine between the two embeddings. Several prompts of a class are averaged.",
			When:   "First, always: it needs no labels, and what it reaches is what every other method must beat. Say what is seen, not what it is called in your company.",
			Cost:   "One product of N clips with C texts.",
			Source: "Radford et al. 2021 (CLIP), at TVTSv2's scale of 20 instead of 100.",
		},
		Grows: func(_ context.Context, g Growth) (Classifier, error) {
			if c, ok := g.Classifier.(cosine); ok {
				g.Classifier = Scaled{Classifier: &Linear{W: c.prototypes, B: make([]float32, c.prototypes.Rows)}, By: c.scale}
			}
			return GrowLinear(g.Classifier, func(*Linear, float64) ([]float32, float32, error) {
				if g.Text == nil {
					return nil, 0, fault.New(fault.Input, "say what is seen, in words", "zero-shot: no text for the class that is to join")
				}
				return g.Text, 0, nil
			})
		},
		Fit: func(_ context.Context, train Features, _ Settings) (Fitted, error) {
			if train.Text.Rows == 0 {
				return Fitted{}, fault.New(fault.Input, "embed the class prompts into the feature file",
					"zero-shot: the features have no text matrix")
			}
			c := ZeroShot(train.Text, train.LogitScale())
			fitted := Fitted{
				Classifier: c,
				Choices: []Choice{{
					Param: scaleParam, Value: train.LogitScale(), Rung: L0, Rule: RuleFixed,
					Reason: "the scale the model was trained with",
				}},
				Refit: func(_ context.Context, f Features) (Classifier, error) { return ZeroShot(f.Text, f.LogitScale()), nil },
			}
			if train.Len() > 0 { // it learns from none of them
				fitted.HeldOut = HeldOut{Logits: c.Logits(train.X), Rows: train.labelled()}
			}
			return fitted, nil
		},
	}
}
