package cli

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/japanese"

	"framepilot/internal/demo"
	"framepilot/internal/safetensors"
	"framepilot/pilot/report"
)

// asProgram makes the test binary the program itself, for what starts it by
// its path.
const asProgram = "FRAMEPILOT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"framepilot": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// The scripts in testdata use the program as a person would, in a fresh
// folder with a fresh home.
func TestScripts(t *testing.T) { testscript.Run(t, scripts(t)) }

// scripts is how they are run.
func scripts(t *testing.T) testscript.Params {
	goldens, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GOLDENS", goldens)
			for _, dir := range []string{"HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"} {
				e.Setenv(dir, filepath.Join(e.WorkDir, "home", strings.ToLower(dir)))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"demo-data":       demoData,
			"golden-features": goldenFeatures,
			"same-tensor":     sameTensor,
			"no-file":         noFile,
			"cp932":           cp932,
			"exits":           exits,
			"replace":         replace,
			"wrong-clip":      wrongClip,
		},
	}
}

// demoData DIR writes a small data set and its plan.
func demoData(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(demo.WriteDataset(context.Background(), dir, demo.Options{Seed: demoSeed, DayClips: 8, NightClips: 20}))
	_, err := demo.WritePlan(dir)
	ts.Check(err)
}

// wrongClip REPORT.json CLIP SITE sets these to a clip that a recipe got wrong,
// and its site.
func wrongClip(ts *testscript.TestScript, _ bool, args []string) {
	var d report.Document
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &d))
	for _, detail := range d.Results.Details {
		for _, p := range detail.Mistakes {
			ts.Setenv(args[1], p.Clip)
			ts.Setenv(args[2], detail.Site)
			return
		}
	}
	ts.Fatalf("%s holds no mistake", args[0])
}

// replace OLD NEW FILE changes a text in a file that holds it.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s does not hold %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.Replace(text, args[0], args[1], 1)), 0o644))
}

// exits CODE PROGRAM ARGS... runs a program that must end with this code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// goldenFeatures writes the golden training, test and new site's clips as the feature
// files of a stranger: numbers only, no metadata.
func goldenFeatures(ts *testscript.TestScript, _ bool, _ []string) {
	f, err := safetensors.Open(filepath.Join(ts.Getenv("GOLDENS"), "adapt", "adapt.golden.safetensors"))
	ts.Check(err)
	defer f.Close()
	for _, part := range []string{"train", "test", "site_b"} {
		var entries []safetensors.Entry
		for name, source := range map[string]string{"features": "input." + part, "text": "input.text"} {
			x, err := f.Floats(source)
			ts.Check(err)
			info, _ := f.Info(source)
			entries = append(entries, safetensors.Float32Entry(name, info.Shape, x))
		}
		for _, name := range []string{"labels", "groups"} {
			x, err := f.Ints("input." + part + "_" + name)
			ts.Check(err)
			entries = append(entries, safetensors.Int64Entry(name, []int{len(x)}, x))
		}
		ts.Check(safetensors.Write(ts.MkAbs(part+".safetensors"), nil, entries, nil))
	}
}

// sameTensor FILE NAME EXPECT compares a tensor with a golden one, after both
// rows are freed of their mean: a softmax does not see it.
func sameTensor(ts *testscript.TestScript, _ bool, args []string) {
	got, cols := readTensor(ts, ts.MkAbs(args[0]), args[1])
	want, _ := readTensor(ts, filepath.Join(ts.Getenv("GOLDENS"), "adapt", "adapt.golden.safetensors"), args[2])
	if len(got) != len(want) {
		ts.Fatalf("%s holds %d values, want %d", args[1], len(got), len(want))
	}
	for i := 0; i < len(got); i += cols {
		g, w := mean(got[i:i+cols]), mean(want[i:i+cols])
		for j := range cols {
			a, b := float64(got[i+j])-g, float64(want[i+j])-w
			if math.Abs(a-b) > 1e-3+1e-4*math.Abs(b) {
				ts.Fatalf("%s: value %d is %v, want %v", args[1], i+j, a, b)
			}
		}
	}
}

func readTensor(ts *testscript.TestScript, path, name string) (x []float32, cols int) {
	f, err := safetensors.Open(path)
	ts.Check(err)
	defer f.Close()
	x, err = f.Floats(name)
	ts.Check(err)
	info, _ := f.Info(name)
	return x, info.Shape[len(info.Shape)-1]
}

func mean(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return sum / float64(len(x))
}

// noFile PATTERN fails where a file of the pattern exists.
func noFile(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) > 0 {
		ts.Fatalf("there is %v", found)
	}
}

// cp932 IN OUT writes a text in the encoding of a Japanese Windows.
func cp932(ts *testscript.TestScript, _ bool, args []string) {
	text, err := japanese.ShiftJIS.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o644))
}
