package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/internal/words"
	"framepilot/model"
	"framepilot/model/token"
)

func (a *app) modelCmd() *cobra.Command {
	c := &cobra.Command{Use: "model", Short: "Import, list and verify models"}
	c.AddCommand(a.modelImportCmd(), a.modelListCmd(), a.modelVerifyCmd(), a.modelBenchCmd(), a.tokenizeCmd())
	return c
}

func (a *app) modelImportCmd() *cobra.Command {
	var o model.ImportOptions
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Read a published checkpoint and keep it as safetensors",
		Long: `Reads a TVTSv2 checkpoint (.pth or .safetensors), checks every tensor and keeps
the towers in the user's data directory. Nothing a .pth names is ever executed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := a.progress()
			o.Path = args[0]
			o.Note = func(text string) { p.line("note: %s", text) }
			var last string
			o.Progress = func(pass string, done, total int64) {
				if pass != last {
					p.end()
					last = pass
				}
				p.show(done, total, fmt.Sprintf("%s: %s of %s", pass, words.Bytes(done), words.Bytes(total)))
			}
			e, err := model.Import(cmd.Context(), o)
			p.end()
			if err != nil {
				return err
			}
			return a.print(e, func(w io.Writer) {
				fmt.Fprintf(w, "imported %s (%s, %s)\n  %s\n", e.Name, e.Arch, words.Bytes(e.Bytes), e.Path)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&o.Name, "name", "", "what to call the model (default tvtsv2-ARCH)")
	f.StringVar(&o.Arch, "arch", "auto", "what the file must be: auto, b32, b16, h14")
	f.StringVar(&o.Config, "config", "", "JSON file with what shapes cannot tell (heads, gelu, …)")
	f.StringVar(&o.DType, "dtype", "keep", "how weights are stored: keep or bf16")
	return a.jsonFlag(c)
}

func (a *app) modelListCmd() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use: "list", Short: "The imported models", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			entries, err := model.List(model.Dir())
			if err != nil {
				return err
			}
			return a.print(entries, func(w io.Writer) {
				if len(entries) == 0 {
					fmt.Fprintf(w, "no models in %s\nadd one with: framepilot model import FILE\n", model.Dir())
					return
				}
				t := columns(w)
				fmt.Fprintln(t, "NAME\tARCH\tSIZE\tSOURCE\tPATH")
				for _, e := range entries {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", e.Name, e.Arch, words.Bytes(e.Bytes), e.Source, e.Path)
				}
				t.Flush()
			})
		},
	})
}

// computeFlags gives a command the choice of where and how a model runs.
func computeFlags(c *cobra.Command, o *model.Options, precision string) {
	f := c.Flags()
	f.StringVar(&o.Device, "device", "auto", "where to compute: cpu, cuda, cuda:N, or auto for a GPU where one is usable")
	f.StringVar(&o.Precision, "precision", precision, "of products: fp32, bf16, or auto for bf16 where the device has it")
	f.StringVar(&o.Kernel, "kernel", "auto", "the processor's implementation of the products; doctor lists those of this machine")
	f.IntVar(&o.Workers, "threads", 0, "processors to use (default: all usable)")
	f.IntVar(&o.Batch, "batch", 0, "clips a forward pass (default: what suits the device)")
}

func (a *app) modelVerifyCmd() *cobra.Command {
	var o model.Options
	var golden string
	c := &cobra.Command{
		Use:   "verify MODEL --golden G.safetensors",
		Short: "Compare a model's outputs with golden values",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := model.Resolve(model.Dir(), args[0])
			if err != nil {
				return err
			}
			o.Note = a.note
			v, err := model.Verify(cmd.Context(), path, golden, o)
			if err != nil {
				return err
			}
			err = a.print(v, func(w io.Writer) {
				t := columns(w)
				fmt.Fprintln(t, "TENSOR\tMAX ABS ERROR\t|OUT-REF|/|REF|\tCOSINE\t")
				for _, c := range v.Tensors {
					fmt.Fprintf(t, "%s\t%.2e\t%.2e\t%.8f\t%s\n", c.Name, c.MaxAbs, c.Rel, c.Cosine, okText(c.OK))
				}
				t.Flush()
				for _, name := range v.Unknown {
					fmt.Fprintf(w, "%s: not known to this program, not compared\n", name)
				}
				fmt.Fprintf(w, "%s (computed by %s, %s)\n", okText(v.OK), v.Device, v.Kernel)
			})
			if err == nil && !v.OK {
				return failed(fault.Unexpected)
			}
			return err
		},
	}
	c.Flags().StringVar(&golden, "golden", "", "safetensors file with input.* and expect.* tensors")
	c.Flags().StringVar(&o.Config, "config", "", "JSON file with what shapes cannot tell (heads, gelu, …)")
	computeFlags(c, &o, "fp32")
	require(c, "golden")
	return a.jsonFlag(c)
}

// note says on stderr what was decided for the person.
func (a *app) note(text string) { a.tell(words.Say("note: %s", text)) }

// tell says something to the person at the keyboard, beside a result.
func (a *app) tell(s words.Sentence) { fmt.Fprintln(a.errs, a.language.Say(s)) }

func okText(ok bool) string {
	if ok {
		return "ok"
	}
	return "DIFFERS"
}

func (a *app) tokenizeCmd() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "tokenize",
		Short: "Token ids of each line of stdin, as one JSON array a line",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t, err := token.New()
			if err != nil {
				return err
			}
			in, enc := bufio.NewReader(a.in), json.NewEncoder(a.out)
			for {
				line, err := in.ReadString('\n')
				if line == "" && err == io.EOF {
					return nil
				}
				if err != nil && err != io.EOF {
					return fmt.Errorf("tokenize: read: %w", err)
				}
				ids := t.Encode(strings.TrimSuffix(line, "\n"))
				if len(ids) > token.ContextLength {
					ids = append(ids[:token.ContextLength-1], token.End)
				}
				if err := enc.Encode(ids); err != nil {
					return fmt.Errorf("tokenize: write: %w", err)
				}
			}
		},
	})
}
