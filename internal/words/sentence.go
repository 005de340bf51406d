package words

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Sentence is something said to a person before it is worded: its English with
// fmt's verbs, by which internal/lang finds it in another language, and what
// its verbs stand for. The zero Sentence says nothing.
//
// It is kept as JSON, so that what a run said can be read in any language
// later: {"say": "%s of %s", "with": ["a.mp4", {"say": …}]}.
type Sentence struct {
	format string
	values []any // of each verb its text, or a Sentence that stands there
}

// verb is one of fmt's, without index and star.
var verb = regexp.MustCompile(`%[-+# 0]*[0-9]*(\.[0-9]+)?[a-zA-Z]|%%`)

// Say is the sentence of a format and the values of its verbs. Without values
// the format is the text itself. A value that is a Sentence is worded with it.
func Say(format string, values ...any) Sentence {
	s := Sentence{format: format}
	if len(values) == 0 {
		return s
	}
	for _, v := range verb.FindAllString(format, -1) {
		if v == "%%" || len(s.values) == len(values) {
			continue
		}
		value := values[len(s.values)]
		if _, ok := value.(Sentence); !ok {
			value = fmt.Sprintf(strings.Replace(v, "%w", "%v", 1), value)
		}
		s.values = append(s.values, value)
	}
	return s
}

// Plain is text that is the same in every language: names, or words of others.
func Plain(text string) Sentence {
	if text == "" {
		return Sentence{}
	}
	return Sentence{format: "%s", values: []any{text}}
}

// Counted is a number with its noun, as Count has it: 1 clip, 2 clips.
func Counted(n int, noun string) Sentence {
	return Say(strings.Replace(Count(n, noun), fmt.Sprint(n), "%d", 1), n)
}

// Few joins the first n sentences and says how many more there are.
func Few(list []Sentence, n int, separator string) Sentence {
	if len(list) <= n {
		return Join(list, separator)
	}
	return Say("%s%sand %d more", Join(list[:n], separator), separator, len(list)-n)
}

// Join puts sentences one behind the other.
func Join(list []Sentence, separator string) Sentence {
	var values []any
	for _, s := range list {
		values = append(values, s)
	}
	format := strings.Join(slices.Repeat([]string{"%s"}, len(list)), strings.ReplaceAll(separator, "%", "%%"))
	return Sentence{format, values}
}

// Plains are texts as Plain has them.
func Plains(texts []string) []Sentence {
	list := make([]Sentence, len(texts))
	for i, text := range texts {
		list[i] = Plain(text)
	}
	return list
}

// IsZero says whether s says nothing.
func (s Sentence) IsZero() bool { return s.format == "" && len(s.values) == 0 }

// Or is s, or, where s says nothing, plain text: as logs of before sentences
// hold it.
func (s Sentence) Or(text string) Sentence {
	if s.IsZero() {
		return Plain(text)
	}
	return s
}

// Format is the English with its verbs, and Values what stands for each of
// them: a string or a Sentence.
func (s Sentence) Format() string { return s.format }

// Values is what the verbs stand for.
func (s Sentence) Values() []any { return s.values }

// String is the English.
func (s Sentence) String() string {
	if len(s.values) == 0 {
		return s.format
	}
	return Fill(s.format, func(i int) string { return fmt.Sprint(s.values[i]) }, len(s.values))
}

// Fill puts texts where the verbs of a format stand; a verb beyond the n-th is
// left as it is.
func Fill(format string, text func(i int) string, n int) string {
	i := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		switch {
		case v == "%%":
			return "%"
		case i == n:
			return v
		}
		i++
		return text(i - 1)
	})
}

// Verbs is how many values a format takes.
func Verbs(format string) (n int) {
	for _, v := range verb.FindAllString(format, -1) {
		if v != "%%" {
			n++
		}
	}
	return n
}

// HasWords says whether a format holds words of a language beside its verbs.
func HasWords(format string) bool {
	return strings.ContainsFunc(verb.ReplaceAllString(format, ""), unicode.IsLetter)
}

// kept is a Sentence as JSON.
type kept struct {
	Say  string            `json:"say"`
	With []json.RawMessage `json:"with,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (s Sentence) MarshalJSON() ([]byte, error) {
	k := kept{Say: s.format}
	for _, v := range s.values {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		k.With = append(k.With, text)
	}
	return json.Marshal(k)
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Sentence) UnmarshalJSON(text []byte) error {
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	*s = Sentence{format: k.Say}
	for _, raw := range k.With {
		var plain string
		if json.Unmarshal(raw, &plain) == nil {
			s.values = append(s.values, plain)
			continue
		}
		var inner Sentence
		if err := json.Unmarshal(raw, &inner); err != nil {
			return fmt.Errorf("sentence: a value is neither text nor a sentence: %w", err)
		}
		s.values = append(s.values, inner)
	}
	return nil
}

// With is s with other values where other has some.
func (s Sentence) With(other func(i int) (Sentence, bool)) Sentence {
	s.values = slices.Clone(s.values)
	for i := range s.values {
		if v, ok := other(i); ok {
			s.values[i] = v
		}
	}
	return s
}

// Keep is s as one line of text for a file, "" where it says nothing; Kept
// reads it back, and says nothing where that is no sentence.
func (s Sentence) Keep() string {
	if s.IsZero() {
		return ""
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it holds texts and sentences only
	}
	return string(text)
}

// Kept reads what Keep wrote.
func Kept(text string) (s Sentence) {
	if json.Unmarshal([]byte(text), &s) != nil {
		return Sentence{}
	}
	return s
}

// Map is s with every text that its verbs stand for put through change.
func (s Sentence) Map(change func(string) string) Sentence {
	s.values = slices.Clone(s.values)
	for i, v := range s.values {
		switch v := v.(type) {
		case string:
			s.values[i] = change(v)
		case Sentence:
			s.values[i] = v.Map(change)
		}
	}
	return s
}
