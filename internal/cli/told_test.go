package cli

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandsToldCanBeRun: what the program, its sentences and its documents
// tell a person to run exists, has the flags that are named, and is complete.
// In backquotes stands the name of a command, which may lack arguments.
func TestCommandsToldCanBeRun(t *testing.T) {
	told := 0
	for _, text := range texts(t) {
		for _, c := range commandsIn(text.said) {
			told++
			if err := c.check(); err != nil {
				t.Errorf("%s: framepilot %s: %v", text.at, c, err)
			}
		}
	}
	if told < 200 {
		t.Errorf("found %d commands", told)
	}
}

func TestCommandsIn(t *testing.T) {
	for said, want := range map[string]string{
		"seal it: framepilot pilot gate seal G1":            `required flag(s) "by" not set`,
		"framepilot pilot gate seal G1 --by NAME seals it":  "",
		"name it; `framepilot pilot gate seal` says how":    "",
		"run `framepilot run PLAN --dryrun` first":          "no flag --dryrun",
		"framepilot run, then look":                         "accepts 1 arg(s), received 0",
		"make one: framepilot pilot nwe NAME":               `unknown command "nwe" for "framepilot pilot"; did you mean "new"?`,
		"make one: framepilot polit new NAME":               `unknown command "polit" for "framepilot"; did you mean "pilot"?`,
		"framepilot report -o FILE --lang; then read it":    "--lang takes a value",
		"framepilot runs stop で停止できます":                      "",
		"    framepilot fit logistic --test F\n":            "",
		"    framepilot fit logistic lasso --test F\n":      "accepts 1 arg(s), received 2",
		"  framepilot doctor   what this machine can do":    "",
		"framepilot pilot gate sign {1} --by 'M. Tanaka'.":  "",
		"framepilot pilot assume currency=JPY \\\n  --by X": "",
	} {
		commands := commandsIn(said)
		if len(commands) != 1 {
			t.Errorf("%s: found %v", said, commands)
			continue
		}
		if err := commands[0].check(); fmt.Sprint(err) != want && (err != nil || want != "") {
			t.Errorf("%s: framepilot %s: %v, want %s", said, commands[0], err, want)
		}
	}
	if got := commandsIn("framepilot answers whether; a newer framepilot that"); len(got) > 0 {
		t.Errorf("commands in prose: %v", got)
	}
}

// told is a text that people read, and where it stands.
type told struct{ said, at string }

// texts are the strings of the program, and the lines of its sentences and documents.
func texts(t *testing.T) (all []told) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") && path != root):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			found, err := stringsOf(path)
			all = append(all, found...)
			return err
		case strings.HasSuffix(path, ".toml"), strings.HasSuffix(path, ".md") && e.Name() != "CHANGELOG.md": // which says what was
			text, err := os.ReadFile(path)
			all = append(all, told{string(text), path})
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// stringsOf are the strings of a Go file, those added up as one; what is added
// between them is "X".
func stringsOf(path string) (all []told, err error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		return nil, err
	}
	var text func(x ast.Expr) string
	text = func(x ast.Expr) string {
		switch x := x.(type) {
		case *ast.BinaryExpr:
			if x.Op == token.ADD {
				return text(x.X) + text(x.Y)
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
				return s
			}
		}
		return "X"
	}
	ast.Inspect(f, func(n ast.Node) bool {
		x, ok := n.(ast.Expr)
		if ok {
			if said := text(x); said != "X" {
				all = append(all, told{said, files.Position(x.Pos()).String()})
				_, sum := x.(*ast.BinaryExpr)
				return !sum
			}
		}
		return true
	})
	return all, nil
}

// command is one that a text names.
type command struct {
	words []string
	name  bool // in backquotes: its name, which may lack arguments
}

func (c command) String() string { return strings.Join(c.words, " ") }

var (
	begin   = regexp.MustCompile("(?m)(^ +|`)?framepilot ([a-z].*)")
	joined  = regexp.MustCompile(` *(\\\n|\|\n\|) *`) // a line that goes on in the next, in a screen too
	beside  = regexp.MustCompile(`  .*| [#>|].*`)     // of a line of its own: what is no part of the command
	word    = regexp.MustCompile(`('[^']*'|"[^"]*"|[^\s'"]+)\S*`)
	certain = regexp.MustCompile(`^(-.+|[A-Z][A-Z0-9_]*|[a-z0-9_-]*[0-9][a-z0-9_-]*|[^(].*[./=%{…].*|[.%{'"].*)$`) // no prose
)

// commandsIn finds the commands of a text: all that stands in backquotes or on
// a line of its own, and in prose what can't be prose.
func commandsIn(text string) (all []command) {
	for _, m := range begin.FindAllStringSubmatch(joined.ReplaceAllString(text, " "), -1) {
		var c command
		switch {
		case m[1] == "":
			c.words = beforeProse(word.FindAllString(m[2], -1))
		case m[1] == "`":
			c.name = true
			named, _, _ := strings.Cut(m[2], "`")
			c.words = word.FindAllString(named, -1)
		default:
			c.words = word.FindAllString(beside.ReplaceAllString(m[2], ""), -1)
		}
		if len(c.words) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// beforeProse are the words of a command that a sentence begins with.
func beforeProse(sentence []string) (command []string) {
	at, value := everyCommand(), false
	for _, w := range sentence {
		bare := strings.TrimRight(w, ".;,:)`")
		if !strings.ContainsAny(w[:1], `'"`) {
			bare = strings.TrimRight(w, ".;,:)`\"'") // of the text around it
		}
		bare = cmp.Or(bare, w)
		sub := commandOf(at, bare)
		if sub == nil && !value && !certain.MatchString(bare) && !slices.Contains(at.ValidArgs, bare) && commandMeant(at, []string{bare}) == "" {
			break
		}
		command = append(command, bare)
		if sub != nil {
			at = sub
		}
		f := flagOf(at, bare)
		value = f != nil && takesNext(f, bare)
		if bare != w {
			break
		}
	}
	return command
}

// everyCommand is the root of all commands.
func everyCommand() *cobra.Command {
	root := new(app).root()
	root.InitDefaultCompletionCmd()
	return root
}

// commandOf is the command of that name in a group; nil where there is none.
func commandOf(group *cobra.Command, name string) *cobra.Command {
	for _, c := range group.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// flagOf is the flag that a word gives; nil where it gives none.
func flagOf(c *cobra.Command, w string) *pflag.Flag {
	c.InitDefaultHelpFlag()
	name, _, _ := strings.Cut(w, "=")
	switch {
	case strings.HasPrefix(name, "--"):
		return c.Flags().Lookup(name[2:])
	case strings.HasPrefix(name, "-") && len(name) == 2:
		return c.Flags().ShorthandLookup(name[1:])
	}
	return nil
}

// takesNext tells whether the word after a flag is its value.
func takesNext(f *pflag.Flag, w string) bool {
	return f.NoOptDefVal == "" && !strings.Contains(w, "=")
}

// check says why the command can't be run.
func (c command) check() error {
	at := everyCommand()
	var args []string
	for i := 0; i < len(c.words); i++ {
		w := c.words[i]
		if sub := commandOf(at, w); sub != nil && len(args) == 0 {
			at = sub
			continue
		}
		if !strings.HasPrefix(w, "-") || w == "-" {
			args = append(args, w)
			continue
		}
		f := flagOf(at, w)
		if f == nil {
			return fmt.Errorf("no flag %s", w)
		}
		f.Changed = true
		if takesNext(f, w) {
			if i++; i == len(c.words) && !c.name {
				return fmt.Errorf("%s takes a value", w)
			}
		}
	}
	if c.name && !at.HasSubCommands() || at.Flags().Changed("help") {
		return nil
	}
	return errors.Join(at.ValidateArgs(args), at.ValidateFlagGroups())
}
