//! A merchant's first steps: seen in what was done, or set aside.

use domain::merchant::Role;
use engine::Error;
use engine::setup::SetupStep;

use crate::store::run;
use crate::support::stories;
use crate::support::world::World;

stories! {
    async fn first_steps_are_seen_in_what_was_done_or_set_aside(world: World) {
        let owner = world.person(Role::Owner).await;
        let of = async |step: SetupStep| {
            let steps = world.engine.setup(&owner).await.expect("steps");
            steps.into_iter().find(|(known, _)| *known == step).map(|(_, is_done)| is_done)
        };
        assert_eq!(of(SetupStep::Key).await, Some(true), "the world has a key");
        assert_eq!((of(SetupStep::Policy).await, of(SetupStep::Colleague).await), (Some(false), Some(false)));
        world.engine.invite(&owner, "jo@example.com", Role::Manager).await.expect("invited");
        assert_eq!(of(SetupStep::Colleague).await, Some(true));

        for step in [SetupStep::Brand, SetupStep::Policy, SetupStep::Policy, SetupStep::Webhook] {
            world.engine.skip_setup_step(&owner, step).await.expect("set aside");
        }
        assert_eq!((of(SetupStep::Policy).await, of(SetupStep::SecondFactor).await), (None, Some(false)));
        let (stranger, viewer) = (world.stranger().await, world.person(Role::Viewer).await);
        assert_eq!(world.engine.setup(&stranger).await.expect("steps").len(), 6, "every merchant has its own");
        assert!(world.engine.setup(&viewer).await.expect("steps").is_empty());
        assert!(matches!(world.engine.skip_setup_step(&viewer, SetupStep::Brand).await, Err(Error::Forbidden)));
        let operator = world.operator().await;
        assert!(world.engine.setup(&operator).await.expect("steps").is_empty(), "the operator has no shop");
        world.engine.skip_setup_step(&owner, SetupStep::SecondFactor).await.expect("set aside");
        assert!(world.engine.setup(&owner).await.expect("steps").is_empty(), "nothing is left");
        assert!(run(&world, "UPDATE setup_steps_skipped SET step = 'everything'").await.is_err());
    }
}
