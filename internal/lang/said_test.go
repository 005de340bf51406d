package lang

import (
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
	"syscall"
	"testing"

	"github.com/BurntSushi/toml"

	"framepilot/internal/words"
)

// spoken are the packages whose faults somebody meets in a first pilot: those
// are complete in Japanese. Others' may stay English.
var spoken = []string{"adapt", "adapt/live", "adapt/lists", "pilot", "pilot/gate", "model/video", "tui/keys"}

// said are the English formats that the program's own text holds: of every
// words.Say, and of faults of the packages above, each with a place.
func said(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files := token.NewFileSet()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == "testdata" || strings.HasPrefix(e.Name(), ".") && path != root):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if noun, ok := counted(call); ok {
				at := files.Position(call.Pos()).String()
				for _, n := range []int{1, 2} {
					found[words.Counted(n, noun).Format()] = at
				}
			}
			for _, arg := range formats(call, filepath.ToSlash(folder)) {
				if text, ok := literal(arg); ok && words.HasWords(text) {
					found[text] = files.Position(arg.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// counted is the noun of a call of words.Counted.
func counted(call *ast.CallExpr) (noun string, ok bool) {
	f, isMember := call.Fun.(*ast.SelectorExpr)
	if !isMember || f.Sel.Name != "Counted" || len(call.Args) != 2 {
		return "", false
	}
	return literal(call.Args[1])
}

// formats are the arguments of a call that are said to people.
func formats(call *ast.CallExpr, folder string) []ast.Expr {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			name = x.Name + "." + f.Sel.Name
		}
	case *ast.Ident:
		name = f.Name
	}
	switch {
	case name == "found.add", name == "b.add" && folder == "adapt":
		return call.Args[1:2]
	case name == "words.Say", name == "Say" && folder == "internal/words":
		return call.Args[:1]
	case name == "fault.New" && slices.Contains(spoken, folder):
		return call.Args[1:3]
	case name == "fault.Say" && slices.Contains(spoken, folder):
		return call.Args[2:3]
	case strings.HasSuffix(name, ".line") && folder == "internal/cli":
		return call.Args[:1]
	}
	return nil
}

// literal is the text of a string, or of several added up.
func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok := literal(x.X)
		b, both := literal(x.Y)
		return a + b, ok && both && x.Op == token.ADD
	}
	return "", false
}

func TestEverythingSaidIsJapaneseToo(t *testing.T) {
	for format, place := range said(t) {
		if _, ok := japanese()[format]; !ok {
			t.Errorf("%s: no Japanese of %q; it belongs in internal/lang/said", place, format)
		}
	}
}

var place = regexp.MustCompile(`\{\d+\}`)

func TestSaidInJapanese(t *testing.T) {
	source, spoken, seen := sourceText(t), said(t), map[string]string{}
	for _, name := range saidNames() {
		text, err := saidFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var own map[string]string
		if err := toml.Unmarshal(text, &own); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for format, japanese := range own {
			if other, twice := seen[format]; twice {
				t.Errorf("%q is in %s and in %s", format, other, name)
			}
			seen[format] = name
			if spoken[format] == "" && !bySystem[format] && !strings.Contains(source, strconv.Quote(format)) {
				t.Errorf("%s: nobody says %q", name, format)
			}
			var want []string
			for i := range words.Verbs(format) {
				want = append(want, "{"+strconv.Itoa(i+1)+"}")
			}
			got := place.FindAllString(japanese, -1)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(got), want) {
				t.Errorf("%s: %q takes %v, in Japanese %v", name, format, want, got)
			}
			if strings.ContainsFunc(japanese, func(r rune) bool { return r >= 0xFF61 && r <= 0xFF9F }) {
				t.Errorf("%s: %q holds half-width characters", name, japanese)
			}
		}
	}
}

// bySystem are errors of the operating system.
var bySystem = func() map[string]bool {
	all := map[string]bool{}
	for _, n := range []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.ENOSPC, syscall.EISDIR, syscall.ENOTDIR, syscall.EROFS, syscall.EEXIST, syscall.EIO, syscall.EDQUOT} {
		all[n.Error()] = true
	}
	return all
}()

// sourceText is all of the program's text.
func sourceText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
