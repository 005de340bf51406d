package adapt

import (
	"context"
	"fmt"

	"framepilot/adapt/lists"
	"framepilot/probe"
)

// texts returns what to embed for each class: every template with the class's
// words in it, or its name where the set has no words for it.
func (s PromptSet) texts(classes []string) ([][]string, error) {
	words := map[string][]string{}
	for class, w := range s.Classes {
		words[lists.CleanLabel(class)] = w
	}
	out := make([][]string, len(classes))
	for i, class := range classes {
		say := words[class]
		if len(say) == 0 {
			say = []string{class}
		}
		filled, err := probe.Prompts(s.Templates, say)
		if err != nil {
			return nil, fmt.Errorf("prompts %s: %w", s.Name, err)
		}
		for _, f := range filled {
			out[i] = append(out[i], f...)
		}
	}
	return out, nil
}

// prototypes embeds a prompt set: one unit row a class (C, d).
func (x *Extractor) prototypes(ctx context.Context, s PromptSet, classes []string) (probe.Matrix, error) {
	texts, err := s.texts(classes)
	if err != nil {
		return probe.Matrix{}, err
	}
	perClass := make([]probe.Matrix, len(classes))
	for i, t := range texts {
		if perClass[i], err = x.Texts(ctx, t); err != nil {
			return probe.Matrix{}, fmt.Errorf("prompts %s, class %s: %w", s.Name, classes[i], err)
		}
	}
	return probe.Prototypes(perClass)
}

// Words embeds the classes of data as the plan's first prompt set says them:
// one unit row a class (C, d).
func (x *Extractor) Words(ctx context.Context, p Plan, d Data) (probe.Matrix, error) {
	return x.prototypes(ctx, p.Prompts[0], d.Classes)
}

// promptNames lists the prompt sets a plan uses, each once.
func (p Plan) promptNames() []string {
	var names []string
	used := map[string]bool{}
	use := func(name string) {
		if name != "" && !used[name] {
			used[name] = true
			names = append(names, name)
		}
	}
	for _, m := range p.Methods {
		for _, name := range m.Prompts {
			use(name)
		}
	}
	if p.Retrieval != nil {
		use(p.Retrieval.Prompts)
	}
	return names
}

// texts lists everything a run has to embed in words: the prompts of the sets
// it uses and, for retrieval, the captions of test clips.
func (p Plan) texts(d Data) ([]string, error) {
	var all []string
	for _, name := range p.promptNames() {
		set := p.promptSet(name)
		perClass, err := set.texts(d.Classes)
		if err != nil {
			return nil, err
		}
		for _, t := range perClass {
			all = append(all, t...)
		}
	}
	for _, item := range d.Items {
		if p.Retrieval != nil && item.Split == Test && item.Caption != "" {
			all = append(all, item.Caption)
		}
	}
	return all, nil
}
