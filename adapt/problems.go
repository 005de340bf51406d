package adapt

import (
	"sort"

	"framepilot/internal/fault"
	"framepilot/internal/tomllines"
	"framepilot/internal/words"
)

// problem is one thing wrong in a plan: where, what, and how to mend it.
type problem struct {
	Line int            // in the plan file, from 1; 0 where not known
	Key  string         // e.g. method[1].shots, arrays counted from 1
	Text words.Sentence // what is wrong and what to write instead
}

// problems collects everything wrong with a plan, so that a person mends it
// in one go and not line by line.
type problems struct {
	file  string
	lines tomllines.Lines
	list  []problem
}

func (p *problems) add(key, format string, args ...any) {
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			args[i] = fault.Said(err)
		}
	}
	p.list = append(p.list, problem{p.lines.Of(key), key, words.Say(format, args...)})
}

// err is nil where nothing was added; otherwise one fault.Config that holds
// every problem, in the order of the file.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	sort.SliceStable(p.list, func(i, j int) bool { return p.list[i].Line < p.list[j].Line })
	if len(p.list) == 1 {
		one := p.list[0]
		return fault.New(fault.Config, "", "plan %s: %s: %s", words.At(p.file, one.Line), one.Key, one.Text)
	}
	lines := []words.Sentence{words.Say("plan %s has %d problems:", p.file, len(p.list))}
	for _, q := range p.list {
		lines = append(lines, words.Say("  %s: %s: %s", words.At(p.file, q.Line), q.Key, q.Text))
	}
	return fault.New(fault.Config, "", "%s", words.Join(lines, "\n"))
}
