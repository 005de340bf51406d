// Package lang holds the sentences of the report and the terminal UI, in
// English and Japanese, from one catalogue: NAME.en.toml beside NAME.ja.toml.
//
// Numbers look the same in both languages, so that two reports of one pilot
// can be compared digit by digit. A message that is missing, or lacks a value,
// is a programming mistake and panics; a test renders every one of them.
package lang

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"framepilot/internal/fault"
)

// Language is one the catalogue is in.
type Language string

// The languages, by their ISO 639 codes.
const (
	English  Language = "en"
	Japanese Language = "ja"
)

// All are the languages of the catalogue.
func All() []Language { return []Language{English, Japanese} }

// Parse reads a language's code; a locale such as ja_JP.UTF-8 will do.
func Parse(text string) (Language, error) {
	code, _, _ := strings.Cut(strings.ToLower(text), ".")
	code, _, _ = strings.Cut(strings.ReplaceAll(code, "-", "_"), "_")
	for _, l := range All() {
		if code == string(l) {
			return l, nil
		}
	}
	return "", fault.New(fault.Usage, "choose en or ja", "language %q is not known", text)
}

// OfUser is the language of a user's environment: English unless LC_ALL,
// LC_MESSAGES or LANG, the first that is set, says Japanese.
func OfUser(getenv func(string) string) Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if l, err := Parse(value); err == nil {
				return l
			}
			break
		}
	}
	return English
}

// CommandsVariable is the environment variable that says in which language
// commands talk to people. What they print for programs is English.
const CommandsVariable = "FRAMEPILOT_LANG"

// OfCommands is the language of commands: English unless CommandsVariable says
// another one, as the terminal UI does for those it runs.
func OfCommands(getenv func(string) string) Language {
	if l, err := Parse(getenv(CommandsVariable)); err == nil {
		return l
	}
	return English
}

// Args are the values of a message by name. Count, an int, also chooses
// between singular and plural.
type Args map[string]any

// Text is the message of this id.
func (l Language) Text(id string, args ...Args) string {
	values := map[string]any{}
	for _, a := range args {
		for name, value := range a {
			values[name] = value
		}
	}
	config := &i18n.LocalizeConfig{MessageID: id, TemplateData: values}
	if n, ok := values["Count"]; ok {
		config.PluralCount = n
	}
	text, err := localizers()[l].Localize(config)
	if err != nil {
		panic(fmt.Sprintf("lang: %s: %s: %v", l, id, err))
	}
	if strings.Contains(text, "<no value>") {
		panic(fmt.Sprintf("lang: %s: %s: a value is missing: %q", l, id, text))
	}
	return text
}

// Has says whether there is a message of this id.
func (l Language) Has(id string) bool {
	_, err := localizers()[l].Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: map[string]any{}})
	return err == nil
}

//go:embed *.toml
var files embed.FS

// localizers reads the catalogue once.
var localizers = sync.OnceValue(func() map[Language]*i18n.Localizer {
	// The default language is one the catalogue does not have, so that a
	// message missing in one language is not taken from another.
	bundle := i18n.NewBundle(language.Und)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
			panic(fmt.Sprintf("lang: %s: %v", name, err))
		}
	}
	all := map[Language]*i18n.Localizer{}
	for _, l := range All() {
		all[l] = i18n.NewLocalizer(bundle, string(l))
	}
	return all
})
