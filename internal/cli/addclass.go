package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"framepilot/adapt/bundle"
	"framepilot/adapt/featurefile"
	"framepilot/adapt/lists"
	"framepilot/internal/fault"
	"framepilot/probe"
)

// classToAdd is a class that is to join a bundle.
type classToAdd struct {
	bundle, class string
	clips         []string // videos and folders, or one feature file
	texts         []string
	groupBy, out  string
	model         modelChoice
}

func (a *app) addClassCmd() *cobra.Command {
	var o classToAdd
	c := &cobra.Command{
		Use:   "add-class BUNDLE CLASS [VIDEO... | F.safetensors] -o NEW",
		Short: "A class that joins a classifier, which is not fitted again",
		Long: `Adds a class to an adapted classifier: from a few clips of it (videos, folders of
them, or the clips of a feature file that are labelled so), from words that say
what is seen (--text), or both. What is known of the other classes, and what is
said of any clip about them, stays as it is to the last bit.

Methods that weigh classes with clips against each other take one from its words
alone, or, where they read no words, none; they say so. Sets and
none-of-the-above are set again on clips that were held out, those of the new class
among them where they are of two recordings; the temperature stays. The new bundle
says what was added, and to which file.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.bundle, o.class, o.clips = args[0], strings.TrimSpace(args[1]), args[2:]
			return a.addClass(cmd, o)
		},
	}
	f := c.Flags()
	f.StringArrayVar(&o.texts, "text", nil, `a sentence that says what is seen; several are averaged (default: "`+strings.ReplaceAll(probe.DefaultTemplate, "{}", "CLASS")+`")`)
	f.StringVar(&o.groupBy, "group-by", "", "pattern whose first ( ) is the recording, matched on the path")
	f.StringVarP(&o.out, "output", "o", "", "where to write the new bundle, .safetensors")
	require(c, "output")
	modelFlags(c, &o.model, "auto")
	return a.jsonFlag(c)
}

func (a *app) addClass(cmd *cobra.Command, o classToAdd) error {
	if err := checkBundlePath("output", o.out); err != nil {
		return err
	}
	if sameFile(o.out, o.bundle) {
		return fault.New(fault.Usage, "give the new bundle another name", "--output %s is the bundle the class is added to", o.out)
	}
	if strings.Contains(o.class, lists.LabelSeparator) {
		return fault.New(fault.Usage, "name one class", "%q holds %s, which stands between the names of several classes", o.class, lists.LabelSeparator)
	}
	if slices.ContainsFunc(o.texts, func(text string) bool { return strings.TrimSpace(text) == "" }) {
		return fault.New(fault.Usage, "say what is seen, or leave --text out", "--text is empty")
	}
	b, err := bundle.Read(o.bundle)
	if err != nil {
		return err
	}
	n := bundle.Newcomer{Class: o.class, By: version()}
	if n.To, err = digestOf(o.bundle); err != nil {
		return err
	}
	if err := b.Takes(n, len(o.clips) > 0); err != nil {
		return err
	}
	if b.ReadsWords() {
		if n.Words = o.texts; len(n.Words) == 0 {
			n.Words = []string{strings.ReplaceAll(probe.DefaultTemplate, "{}", o.class)}
		}
	} else if len(o.texts) > 0 {
		return fault.New(fault.Usage, "leave it out", "--text, where %s learns from clips alone", b.Method)
	}
	partial := a.collectClass(cmd, b, o, &n)
	if partial != nil && fault.KindOf(partial) != fault.Partial {
		return partial
	}
	added, err := b.AddClass(cmd.Context(), n)
	if err != nil {
		return err
	}
	if err := added.Write(o.out); err != nil {
		return err
	}
	if err := a.print(added.About(), func(w io.Writer) { showAddition(w, added, o.out) }); err != nil {
		return err
	}
	return partial
}

// collectClass fills in the clips and the words' embedding.
func (a *app) collectClass(cmd *cobra.Command, b *bundle.Bundle, o classToAdd, n *bundle.Newcomer) error {
	m := modelFor(b, o.model, cmd)
	words := func(j *quickJob) (err error) {
		if err := b.CheckOrigin(j.origin()); err != nil || len(n.Words) == 0 {
			return err
		}
		n.Text, err = j.wordsOf(cmd.Context(), n.Words)
		return err
	}
	switch {
	case len(o.clips) == 1 && isFeatures(o.clips[0]):
		text, err := a.classIn(b, o.clips[0], n)
		if err != nil || len(n.Words) == 0 {
			return err
		}
		if text != nil && len(o.texts) == 0 {
			n.Text, n.Words = text, nil // as the file has them
			return nil
		}
		return a.withModel(cmd.Context(), m, a.progress(), words)
	case len(o.clips) > 0:
		of, err := recordings(o.groupBy)
		if err != nil {
			return err
		}
		return a.quick(cmd.Context(), m, o.clips, func(j *quickJob) error {
			if err := words(j); err != nil {
				return err
			}
			n.Clips.X = j.clips.X
			n.Clips.Groups, err = j.recordings(of)
			return err
		})
	case len(n.Words) > 0:
		return a.withModel(cmd.Context(), m, a.progress(), words)
	}
	return fault.New(fault.Usage, "name videos of it, or a feature file", "no clips of %q, and %s learns from clips alone", o.class, b.Method)
}

// wordsOf is the mean embedding of sentences.
func (j *quickJob) wordsOf(ctx context.Context, sentences []string) ([]float32, error) {
	texts, err := j.ex.Texts(ctx, sentences)
	if err != nil {
		return nil, err
	}
	prototype, err := probe.Prototypes([]probe.Matrix{texts})
	return prototype.Data, err
}

// classIn takes the clips of the class from a feature file, all of them where
// none has a label, and the embedding of its words if it is there.
func (a *app) classIn(b *bundle.Bundle, path string, n *bundle.Newcomer) (text []float32, err error) {
	f, err := a.loadFeatures(path, false)
	if err != nil {
		return nil, err
	}
	meta, err := featurefile.Metadata(path)
	if err != nil {
		return nil, err
	}
	origin := bundle.ReadOrigin(meta)
	if b.Origin.Tokens == 0 {
		f, origin.Tokens = f.Pooled(), 0
	}
	if origin.Space != "" && b.Origin.Space != "" {
		if err := b.CheckOrigin(origin); err != nil {
			return nil, err
		}
	}
	class := slices.Index(f.Classes, n.Class)
	var rows, all []int
	labelled := f.Truth != nil
	for i := range f.Len() {
		all = append(all, i)
		if f.Truth == nil && len(f.Labels) > 0 {
			labelled = labelled || f.Labels[i] != probe.Unlabelled
			if class >= 0 && f.Labels[i] == class {
				rows = append(rows, i)
			}
		} else if f.Truth != nil && slices.Contains(f.Truth[i], class) {
			rows = append(rows, i)
		}
	}
	if !labelled {
		rows = all
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.Input, "label clips "+n.Class+", or take the labels away", "no clip of %s is labelled %q; its classes are %s", path, n.Class, strings.Join(f.Classes, ", "))
	}
	clips := f.Take(rows)
	n.Clips = probe.Features{X: clips.X, Groups: clips.Groups}
	if class >= 0 && f.Text.Rows > 0 {
		text = f.Text.Row(class)
	}
	return text, nil
}

// showAddition says what the last class that joined brought, and what it did
// not change.
func showAddition(w io.Writer, b *bundle.Bundle, path string) {
	x := b.Added[len(b.Added)-1]
	fmt.Fprintf(w, "%s joins %d classes in %s: %s\n", x.Class, len(b.Classes)-1, path, madeOf(x))
	switch {
	case b.Multi():
		from := b.About().Thresholds
		fmt.Fprintf(w, "a clip is of it from %.0f %% on, the threshold common to all classes\n", 100*from[len(from)-1])
	case x.HeldOut > 0:
		fmt.Fprintf(w, "sets and none-of-the-above: set again, on %d held-out clips, %d of them of %s\n", len(b.HeldOut.Rows), x.HeldOut, x.Class)
	case len(b.HeldOut.Rows) > 0:
		fmt.Fprintf(w, "sets and none-of-the-above: set again, on %d held-out clips, none of them of %s, which takes clips of two recordings\n", len(b.HeldOut.Rows), x.Class)
	default:
		fmt.Fprintln(w, "sets and none-of-the-above: none, as before; there are no held-out clips to set them on")
	}
	fmt.Fprintln(w, "the other classes and the temperature: as they were")
}

// madeOf says what a class was added from.
func madeOf(x bundle.Addition) string {
	var parts []string
	if x.Clips > 0 {
		parts = append(parts, fmt.Sprintf("%d clips of %d recordings", x.Clips, x.Groups))
	}
	for _, text := range x.Words {
		parts = append(parts, fmt.Sprintf("%q", text))
	}
	return strings.Join(parts, ", ")
}

// digestOf is the SHA-256 of a file.
func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fault.New(fault.Input, "", "%w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sameFile says whether two paths name one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
