"""Write the model card of a run: what it is, how good it is, and what its figures cannot show."""

import argparse

from pipeline.cli.output import add_out, open_output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("run_id", metavar="run", help="its id, as `spamlab runs` lists it")
    parser.add_argument("--html", action="store_true", help="one HTML file instead of Markdown")
    add_out(parser)


def run(arguments: argparse.Namespace) -> None:
    """Write the card as Markdown or HTML."""
    from pipeline.project import Project
    from pipeline.reports import model_card
    from pipeline.runs import store

    run = store.read_run(arguments.run_id)
    name = "card.html" if arguments.html else "card.md"
    text = model_card.render_card(Project(run.project), run.id, name)
    with open_output(arguments.out) as output:
        output.write(text)
