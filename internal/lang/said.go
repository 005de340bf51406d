package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"framepilot/internal/fault"
	"framepilot/internal/words"
)

// What is said below the screens (errors, warnings, findings, what a run does)
// is English where it is made, for logs and other programs, and is found here
// by that English: said/NAME.ja.toml has lines of the format of a
// words.Sentence and its Japanese, where {1} is the value of the first verb.

// Say words a sentence. One that the catalogue does not have, as one of another
// version's log, stays English.
func (l Language) Say(s words.Sentence) string {
	if l != Japanese {
		return s.String()
	}
	values := make([]string, len(s.Values()))
	for i, v := range s.Values() {
		values[i] = fmt.Sprint(v)
		if inner, ok := v.(words.Sentence); ok {
			values[i] = l.Say(inner)
		}
	}
	text, ok := japanese()[s.Format()]
	if !ok {
		if len(values) == 0 {
			return s.Format()
		}
		return words.Fill(s.Format(), func(i int) string { return values[i] }, len(values))
	}
	places := make([]string, 0, 2*len(values))
	for i, value := range values {
		places = append(places, "{"+strconv.Itoa(i+1)+"}", value)
	}
	return strings.NewReplacer(places...).Replace(text)
}

// Error words an error: the faults in its chain as the catalogue has them.
func (l Language) Error(err error) string {
	if l != Japanese {
		return err.Error()
	}
	return l.Say(fault.Said(err))
}

//go:embed said
var saidFiles embed.FS

// japanese is what is said in Japanese, by its English.
var japanese = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, name := range saidNames() {
		text, err := saidFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		if err := toml.Unmarshal(text, &all); err != nil {
			panic(fmt.Sprintf("lang: %s: %v", name, err))
		}
	}
	return all
})

func saidNames() []string {
	names, err := fs.Glob(saidFiles, "said/*.ja.toml")
	if err != nil {
		panic(err)
	}
	return names
}
